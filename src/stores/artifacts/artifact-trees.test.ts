import { mkdtempDisposable, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import { digestOf } from '../../core/digest.ts'
import { openMetadata } from '../metadata/metadata.ts'
import { listTree, listTreeFolder, putTreeFile, readTreeFile, removeTree, treeDigest } from './artifact-trees.ts'
import { openArtifacts } from './artifacts.ts'

async function openTrees() {
  const folder = await mkdtempDisposable(join(tmpdir(), 'trueline-trees-'))
  const metadata = await openMetadata(join(folder.path, 'meta.db'), { clock: virtualClock(1000) })
  const artifacts = await openArtifacts(join(folder.path, 'artifacts'))
  return {
    metadata,
    artifacts,
    blobs: join(folder.path, 'artifacts'),
    put: (path: string, text: string) => putTreeFile(metadata, artifacts, path, chunks(text)),
    async [Symbol.asyncDispose]() {
      await metadata.close()
      await folder.remove()
    },
  }
}

async function* chunks(...texts: string[]) {
  for (const text of texts) yield new TextEncoder().encode(text)
}

test('files come back by their path, folders list what they hold directly, and trees all of it', async () => {
  await using trees = await openTrees()
  const { metadata, put } = trees
  await put('1/run/artifacts/model/MLmodel', 'flavors')
  await put('1/run/artifacts/model/code/a.py', 'pass')
  await put('1/run/artifacts/note.txt', '')
  await put('1/runner/artifacts/x', 'another run')
  expect(await readTreeFile(metadata, '1/run/artifacts/model/MLmodel')).toEqual({
    path: '1/run/artifacts/model/MLmodel',
    digest: digestOf('flavors'),
    size: 7,
  })
  expect(await listTreeFolder(metadata, '1/run/artifacts')).toEqual([
    { name: 'model', isFolder: true },
    { name: 'note.txt', isFolder: false, size: 0 },
  ])
  expect((await listTreeFolder(metadata, '1')).map(({ name }) => name)).toEqual(['run', 'runner'])
  expect((await listTreeFolder(metadata, '')).map(({ name }) => name)).toEqual(['1'])
  expect(await listTreeFolder(metadata, '1/run/artifacts/note.txt')).toEqual([])
  expect((await listTree(metadata, '1/run/artifacts')).map(({ path }) => path)).toEqual([
    'model/MLmodel',
    'model/code/a.py',
    'note.txt',
  ])
  await expect(readTreeFile(metadata, '1/run/artifacts/model')).rejects.toMatchObject({ code: 'unknown_artifact' })
})

test('a file is replaced in one step, and the digest of its tree tells', async () => {
  await using trees = await openTrees()
  await trees.put('t/a', 'one')
  const before = treeDigest(await listTree(trees.metadata, 't'))
  await trees.put('t/a', 'two')
  const [file] = await listTree(trees.metadata, 't')
  expect(Buffer.from(await trees.artifacts.get(file!.digest)).toString()).toBe('two')
  expect(treeDigest([file!])).not.toBe(before)
  await trees.put('t/a', 'one')
  expect(treeDigest(await listTree(trees.metadata, 't'))).toBe(before)
})

test('content that breaks off leaves neither a path nor a blob, and what was there before', async () => {
  await using trees = await openTrees()
  await trees.put('t/a', 'whole')
  async function* broken() {
    yield new TextEncoder().encode('half of')
    throw new Error('the client went away')
  }
  for (const path of ['t/a', 't/b'])
    await expect(putTreeFile(trees.metadata, trees.artifacts, path, broken())).rejects.toThrow('went away')
  expect((await listTree(trees.metadata, 't')).map(({ path }) => path)).toEqual(['a'])
  expect(await readdir(join(trees.blobs, 'unfinished'))).toEqual([])
  expect(
    (await readdir(trees.blobs, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()),
  ).toHaveLength(1)
})

test('nothing is a file and a folder at once', async () => {
  await using trees = await openTrees()
  await trees.put('t/a/b', 'x')
  await expect(trees.put('t/a', 'y')).rejects.toMatchObject({ code: 'invalid_parameter' })
  await expect(trees.put('t/a/b/c', 'y')).rejects.toMatchObject({ code: 'invalid_parameter' })
  await Promise.allSettled([trees.put('u/a', 'x'), trees.put('u/a/b', 'y')])
  expect(await listTree(trees.metadata, 'u')).toHaveLength(1)
})

test('taking a folder away takes what is below it and nothing beside it', async () => {
  await using trees = await openTrees()
  for (const path of ['t/a', 't/a.b', 't/ab', 's/a/x', 's/a/y/z', 's/a.b', 's/ab']) await trees.put(path, 'x')
  expect(await removeTree(trees.metadata, 't/a')).toBe(1)
  expect(await removeTree(trees.metadata, 's/a')).toBe(2)
  expect(await removeTree(trees.metadata, 's/a')).toBe(0)
  expect((await listTree(trees.metadata, 't')).map(({ path }) => path)).toEqual(['a.b', 'ab'])
  expect((await listTree(trees.metadata, 's')).map(({ path }) => path)).toEqual(['a.b', 'ab'])
})

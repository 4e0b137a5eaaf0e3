import { watch } from 'node:fs'
import { chmod, mkdtempDisposable, readdir, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { digestOf } from '../../core/digest.ts'
import { type Artifacts, openArtifacts, type StoredBlob } from './artifacts.ts'

const temporaryFolder = () => mkdtempDisposable(join(tmpdir(), 'trueline-artifacts-'))
const bytes = (text: string) => new TextEncoder().encode(text)

async function listed(artifacts: Artifacts): Promise<StoredBlob[]> {
  const blobs: StoredBlob[] = []
  for await (const blob of artifacts.list()) blobs.push(blob)
  return blobs
}

test('bytes come back by their digest, also after reopening', async () => {
  await using folder = await temporaryFolder()
  const digest = await (await openArtifacts(folder.path)).put(bytes('forest'))
  expect(digest).toBe(digestOf('forest'))
  const artifacts = await openArtifacts(folder.path)
  expect(await artifacts.has(digest)).toBe(true)
  expect(Buffer.from(await artifacts.get(digest)).toString()).toBe('forest')
})

test('a stream of chunks is the same blob as its bytes at once', async () => {
  await using folder = await temporaryFolder()
  const artifacts = await openArtifacts(folder.path)
  async function* chunks() {
    for (let index = 0; index < 64; index++) yield new Uint8Array(10_000).fill(index)
  }
  const digest = await artifacts.put(chunks())
  const whole = Buffer.concat(Array.from({ length: 64 }, (_, index) => new Uint8Array(10_000).fill(index)))
  expect(digest).toBe(digestOf(whole))
  expect(whole.equals(await artifacts.get(digest))).toBe(true)
})

test('a blob whose bytes changed is refused, and mended by putting it again', async () => {
  await using folder = await temporaryFolder()
  const artifacts = await openArtifacts(folder.path)
  const digest = await artifacts.put(bytes('forest'))
  await chmod(artifacts.path(digest), 0o644)
  await writeFile(artifacts.path(digest), 'forget')
  await expect(artifacts.get(digest)).rejects.toMatchObject({ code: 'artifact_corrupt' })
  await artifacts.put(bytes('forest'))
  expect(Buffer.from(await artifacts.get(digest)).toString()).toBe('forest')
})

test('a blob that is not there is missing', async () => {
  await using folder = await temporaryFolder()
  const artifacts = await openArtifacts(folder.path)
  const digest = digestOf('never put')
  expect(await artifacts.has(digest)).toBe(false)
  await expect(artifacts.get(digest)).rejects.toMatchObject({ code: 'artifact_missing' })
})

test('a stream that fails leaves nothing behind', async () => {
  await using folder = await temporaryFolder()
  const artifacts = await openArtifacts(folder.path)
  async function* broken() {
    yield bytes('half of it')
    throw new Error('the source broke')
  }
  await expect(artifacts.put(broken())).rejects.toThrow('the source broke')
  expect(await readdir(join(folder.path, 'unfinished'))).toEqual([])
  expect(await readdir(folder.path)).toEqual(['unfinished'])
})

test('what a killed process left unfinished is removed at opening', async () => {
  await using folder = await temporaryFolder()
  const artifacts = await openArtifacts(folder.path)
  const digest = await artifacts.put(bytes('kept'))
  await writeFile(join(folder.path, 'unfinished', '4711-0'), 'half of it')
  const reopened = await openArtifacts(folder.path)
  expect(await readdir(join(folder.path, 'unfinished'))).toEqual([])
  expect(await reopened.has(digest)).toBe(true)
})

test('only a digest leads to a path, so none leads out of the folder', async () => {
  await using folder = await temporaryFolder()
  const artifacts = await openArtifacts(folder.path)
  const wrong = [
    '../../etc/passwd',
    `sha256:../${'a'.repeat(61)}`,
    `sha256:${'A'.repeat(64)}`,
    `md5:${'a'.repeat(64)}`,
    '',
  ]
  for (const digest of wrong) {
    expect(() => artifacts.path(digest)).toThrow(expect.objectContaining({ code: 'invalid_parameter' }))
    await expect(artifacts.has(digest)).rejects.toMatchObject({ code: 'invalid_parameter' })
  }
  const inside = artifacts.path(digestOf('x'))
  expect(inside.startsWith(`${folder.path}/`)).toBe(true)
})

test('blobs are readable only, and the same bytes put at once by many are one blob', async () => {
  await using folder = await temporaryFolder()
  const artifacts = await openArtifacts(folder.path)
  const digests = await Promise.all(Array.from({ length: 20 }, () => artifacts.put(bytes('shared'))))
  expect(new Set(digests).size).toBe(1)
  const { mode } = await stat(artifacts.path(digests[0] as string))
  expect(mode & 0o777).toBe(0o444)
  const files = (await readdir(folder.path, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  expect(files).toHaveLength(1)
})

test('blobs are listed and checked, and one is discarded unless it was put again meanwhile', async () => {
  await using folder = await temporaryFolder()
  const artifacts = await openArtifacts(folder.path)
  const [a, b] = [await artifacts.put(bytes('a')), await artifacts.put(bytes('bb'))]
  const blobs = await listed(artifacts)
  expect(blobs.map(({ digest, size }) => [digest, size]).sort()).toEqual([[a, 1] as const, [b, 2] as const].sort())
  expect(await artifacts.check(a)).toBe('whole')
  await artifacts.put(bytes('a'))
  const discarded = await Promise.all(blobs.map((blob) => artifacts.discard(blob)))
  expect(blobs.map(({ digest }, index) => [digest, discarded[index]])).toEqual(
    blobs.map(({ digest }) => [digest, digest === b]),
  )
  expect(await artifacts.check(b)).toBe('missing')
  expect(await artifacts.discard(blobs.find(({ digest }) => digest === b)!)).toBe(false)
  await chmod(artifacts.path(a), 0o644)
  await writeFile(artifacts.path(a), 'x')
  expect(await artifacts.check(a)).toBe('corrupt')
})

test('a blob that is put while it is discarded is there afterwards', async () => {
  await using folder = await temporaryFolder()
  const artifacts = await openArtifacts(folder.path)
  for (let round = 0; round < 20; round++) {
    const digest = await artifacts.put(bytes('contended'))
    const [blob] = await listed(artifacts)
    await Promise.all([artifacts.discard(blob!), artifacts.put(bytes('contended'))])
    expect(await artifacts.check(digest)).toBe('whole')
  }
})

test('a blob that was taken aside when the process was killed is there again', async () => {
  await using folder = await temporaryFolder()
  const artifacts = await openArtifacts(folder.path)
  const digest = await artifacts.put(bytes('aside'))
  const unfinished = join(folder.path, 'unfinished')
  const seen = new Set<string>()
  const watcher = watch(unfinished, (_, name) => seen.add(name!))
  await artifacts.discard((await listed(artifacts))[0]!)
  while (seen.size === 0) await new Promise((resolve) => setTimeout(resolve, 1))
  watcher.close()
  expect([...seen]).toEqual([`${digest}.aside`])
  await writeFile(join(unfinished, `${digest}.aside`), 'aside')
  await writeFile(join(unfinished, '12-3'), 'half')
  expect(await (await openArtifacts(folder.path)).check(digest)).toBe('whole')
  expect(await readdir(unfinished)).toEqual([])
})

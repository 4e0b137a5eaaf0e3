import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtempDisposable, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { digestOf } from '../../../core/digest.ts'
import { openStepCache, type StepKeeping, trimStepCache } from './step-cache.ts'

let folder: Awaited<ReturnType<typeof mkdtempDisposable>>

beforeEach(async () => {
  folder = await mkdtempDisposable(join(tmpdir(), 'trueline-steps-'))
})

afterEach(async () => {
  await folder[Symbol.asyncDispose]()
})

const cacheOf = (run: string, more: Partial<StepKeeping> = {}) =>
  openStepCache({ folder: join(folder.path, 'cache'), run, at: 1, reads: true, ...more })
const key = (name: string) => digestOf(name)
const nobody = () => undefined

/** Keeps an output of one file. */
async function keep(run: string, name: string, content: string, more: Partial<StepKeeping> = {}) {
  const path = join(folder.path, 'made')
  await writeFile(path, content)
  return await cacheOf(run, more).keep({ step: 'train', key: key(name), figures: { name } }, { 'a.bin': path })
}

test('an output is found under its key by every run, and by the same run alone where nothing else is taken', async () => {
  const made = await keep('run-1', 'one', 'content')
  expect(existsSync(join(folder.path, 'made'))).toBe(false)
  expect(await cacheOf('run-2').find(key('one'), nobody)).toMatchObject({ run: 'run-1', figures: { name: 'one' } })
  expect(await cacheOf('run-2').find(key('other'), nobody)).toBe(undefined)
  expect(await cacheOf('run-2', { reads: false }).find(key('one'), nobody)).toBe(undefined)
  expect(await cacheOf('run-2').find(key('one'), nobody, true)).toBe(undefined)
  expect(await cacheOf('run-1', { reads: false }).find(key('one'), nobody, true)).toMatchObject({ files: made.files })
})

test('an output whose file is gone, cut or damaged is none, and who asked is told why', async () => {
  for (const [state, spoil] of [
    ['gone', (path: string) => rmSync(path)],
    ['damaged', (path: string) => writeFileSync(path, 'cut')],
    ['damaged', (path: string) => writeFileSync(path, 'CONTENT')],
  ] as const) {
    const made = await keep('run-1', 'one', 'content')
    const cache = cacheOf('run-2')
    spoil(cache.path(made.files['a.bin']!))
    const told: string[] = []
    expect(await cache.find(key('one'), (sentence) => told.push(sentence))).toBe(undefined)
    expect(told).toEqual([`What run-1 kept of this step cannot be taken: its file a.bin is ${state}.`])
    // It is made again, and not told of twice.
    expect(await cache.find(key('one'), (sentence) => told.push(sentence))).toBe(undefined)
    expect(told).toHaveLength(1)
  }
})

test('an entry that was cut short is none', async () => {
  await keep('run-1', 'one', 'content')
  const [name] = await readdir(join(folder.path, 'cache', 'steps'))
  writeFileSync(join(folder.path, 'cache', 'steps', name!), '{"step":')
  expect(await cacheOf('run-2').find(key('one'), nobody)).toBe(undefined)
})

test('outputs that were not taken for longest go first, and files that others share stay', async () => {
  await keep('run-1', 'old', 'x'.repeat(100), { at: 1 })
  await keep('run-1', 'taken', 'y'.repeat(100), { at: 2 })
  await keep('run-1', 'new', 'y'.repeat(100), { at: 3 })
  await keep('run-2', 'own', 'z'.repeat(100), { at: 0 })
  await cacheOf('run-3', { at: 4 }).find(key('taken'), nobody)
  // Those of the run stay whatever they take, and of the others the newest that fit beside them.
  expect(await trimStepCache(join(folder.path, 'cache'), 200, 'run-2')).toBe(1)
  const cache = cacheOf('run-3')
  const found = await Promise.all(['old', 'taken', 'new', 'own'].map((name) => cache.find(key(name), nobody)))
  expect(found.map((output) => output !== undefined)).toEqual([false, true, true, true])
  expect(await readdir(join(folder.path, 'cache', 'files'))).toHaveLength(2)
})

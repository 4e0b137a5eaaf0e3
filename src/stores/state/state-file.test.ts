import { mkdtempDisposable, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readStateFile, type StateFrame, writeStateFile } from './state-file.ts'

const header = { groups: ['ä', '\u4e2d'], position: 7 }
const written: readonly StateFrame[] = [
  { section: 0, words: Float64Array.of(1, Number.NaN, Number.NEGATIVE_INFINITY) },
  { section: 3, words: Float64Array.from({ length: 300_000 }, (_, index) => index / 3) },
  { section: 3, words: new Float64Array(0) },
]
const nothing = async () => {}

test('what is read is what was written, and a file is there whole or not at all', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'state-'))
  const path = join(folder.path, 'a.state')
  expect(readStateFile(path)).toBeUndefined()
  const bytes = await writeStateFile(path, header, [undefined, ...written, undefined], async () => {
    expect(await readdir(folder.path)).toEqual(['a.state.tmp'])
  })
  expect(bytes).toBeGreaterThan(2_400_000)
  expect(readStateFile(path)).toEqual({ header, frames: written })
  const failing = writeStateFile(path, {}, [], async () => {
    throw new Error('the log has failed')
  })
  await expect(failing).rejects.toThrow('the log has failed')
  expect(readStateFile(path)?.header).toEqual(header)
  await writeStateFile(path, {}, [], nothing)
  expect(readStateFile(path)).toEqual({ header: {}, frames: [] })
})

test('a file that is cut anywhere, or has another bit anywhere, is refused', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'state-'))
  const path = join(folder.path, 'a.state')
  const frames = [0, 1, 2].map((section) => ({ section, words: Float64Array.of(section, 0, 0) }))
  await writeStateFile(path, header, frames, nothing)
  const whole = await readFile(path)
  for (let length = 0; length < whole.length; length += 1) {
    await writeFile(path, whole.subarray(0, length))
    expect(() => readStateFile(path)).toThrow(expect.objectContaining({ code: 'state_unusable' }))
  }
  for (let byte = 0; byte < whole.length; byte += 1) {
    const changed = Buffer.from(whole)
    changed[byte]! ^= 1 << (byte % 8)
    await writeFile(path, changed)
    expect(() => readStateFile(path), `byte ${byte}`).toThrow(expect.objectContaining({ code: 'state_unusable' }))
  }
})

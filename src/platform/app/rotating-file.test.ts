import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync } from 'node:fs'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openRotatingFile } from './rotating-file.ts'

const folder = () => mkdtempDisposable(join(tmpdir(), 'trueline-rotating-'))
const options = { mostBytes: 100, kept: 2 }
const line = (number: number) => `${String(number).padStart(29, '0')}\n`

test('a file of lines keeps to its size, with what was written last in a few files beside it', async () => {
  await using place = await folder()
  const path = join(place.path, 'trueline.log')
  for (let opened = 0; opened < 4; opened++) {
    // What was there is gone on with.
    const file = openRotatingFile(path, options)
    expect(existsSync(path)).toBe(true)
    for (let number = 0; number < 5; number++) file.write(line(opened * 5 + number))
    file.close()
  }
  const names = readdirSync(place.path).sort()
  expect(names).toEqual(['trueline.log', 'trueline.log.1', 'trueline.log.2'])
  for (const name of names) expect(statSync(join(place.path, name)).size).toBeLessThanOrEqual(options.mostBytes)
  const kept = names.reverse().map((name) => readFileSync(join(place.path, name), 'utf8'))
  expect(kept.join('')).toBe(Array.from({ length: 8 }, (_, index) => line(12 + index)).join(''))
})

test('a line longer than all is still written, and characters of several bytes are counted as such', async () => {
  await using place = await folder()
  const path = join(place.path, 'trueline.log')
  const file = openRotatingFile(path, options)
  const long = `${'x'.repeat(500)}\n`
  const wide = `${'ü'.repeat(40)}\n`
  for (const written of [long, wide, wide]) file.write(written)
  file.close()
  const read = (name: string) => readFileSync(name, 'utf8')
  expect([`${path}.2`, `${path}.1`, path].map(read)).toEqual([long, wide, wide])
})

test('a file that cannot be written to fails nobody, and is written again once it can', async () => {
  await using place = await folder()
  const path = join(place.path, 'gone', 'trueline.log')
  const file = openRotatingFile(path, options)
  file.write(line(1))
  expect(existsSync(path)).toBe(false)
  mkdirSync(join(place.path, 'gone'))
  file.write(line(2))
  file.close()
  expect(readFileSync(path, 'utf8')).toBe(line(2))
})

test('where an older file cannot be moved out of the way, lines are gone on being appended', async () => {
  await using place = await folder()
  const path = join(place.path, 'trueline.log')
  mkdirSync(`${path}.1`)
  const file = openRotatingFile(path, { mostBytes: 100, kept: 1 })
  for (let number = 0; number < 8; number++) file.write(line(number))
  expect(readFileSync(path, 'utf8')).toBe(Array.from({ length: 8 }, (_, number) => line(number)).join(''))
  rmdirSync(`${path}.1`)
  file.write(line(8))
  file.close()
  expect(readFileSync(path, 'utf8')).toBe(line(8))
})

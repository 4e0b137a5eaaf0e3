import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { expect, test } from 'vitest'
import { progressBar, rowText, sizeText } from './output.ts'

const output = join(import.meta.dirname, 'output.ts')
const program = `
  import { endQuietlyWithReader, printLine } from ${JSON.stringify(output)}
  endQuietlyWithReader()
  setInterval(() => printLine('x'.repeat(10_000)), 1)
`

test('a program whose output nobody reads any more ends quietly', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += String(chunk)
  })
  child.stdout.once('data', () => child.stdout.destroy())
  const [code] = await once(child, 'close')
  expect({ code, said }).toEqual({ code: 0, said: '' })
})

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [41_180, '41.2 KB'],
  [1_000_000, '1.0 MB'],
  [7_250_000_000_000, '7250.0 GB'],
])('%i bytes are %s', (bytes, text) => {
  expect(sizeText(bytes)).toBe(text)
})

test('a row is shown with its times as times, and numbers that are none as they are', () => {
  const row = { order: 'N1', amount: 1_700_000_000_000_000, ordered_at: 1_742_515_200_000_000, paid_at: null }
  expect(JSON.parse(rowText(row, ['ordered_at', 'paid_at']))).toEqual({ ...row, ordered_at: '2025-03-21T00:00:00Z' })
})

test('progress is a bar on a terminal, and a line now and then for who keeps lines', () => {
  const shownOn = (isTTY: boolean): string[] => {
    const written: string[] = []
    let at = 5_000
    const bar = progressBar({ isTTY, columns: 50, write: (text) => written.push(text) }, () => at)
    for (const [after, day] of [500, 1_600, 15_000, 15_100, 31_000].entries()) {
      at = 5_000 + day
      bar.show(after / 4, `living through day ${after}`)
    }
    bar.end()
    return written
  }
  expect(shownOn(false)).toEqual([' 50%  living through day 2\n', '100%  living through day 4\n'])
  expect(shownOn(true)).toEqual([
    '\r\x1b[K[######..................]  25%  living through',
    '\r\x1b[K[############............]  50%  living through',
    '\r\x1b[K[##################......]  75%  living through',
    '\r\x1b[K[########################] 100%  living through',
    '\r\x1b[K',
  ])
})

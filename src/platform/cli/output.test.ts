import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { expect, test } from 'vitest'

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

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { expect, test } from 'vitest'
import type { TruelineError } from '../../../core/errors.ts'
import { heapArguments, heapExceeded, watchLimits } from './watch-limits.ts'

/** Runs a line of code in a process of its own until it is ended, and gives why. */
async function endOf(limits: Parameters<typeof watchLimits>[0], code: string): Promise<TruelineError | undefined> {
  const child = spawn(process.execPath, [...heapArguments(limits), '-e', code], { stdio: ['ignore', 'ignore', 'pipe'] })
  let words = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words += text
  })
  let reason: TruelineError | undefined
  const stop = watchLimits(limits, child.pid!, (error) => {
    reason ??= error
    child.kill('SIGKILL')
  })
  await once(child, 'close')
  stop()
  return reason ?? heapExceeded(limits, words)
}

test('a process that takes too long, or too much of the memory beside its heap or in it, is ended by code', async () => {
  const [late, large, full, well] = await Promise.all([
    endOf({ time: 50_000 }, 'setInterval(() => {}, 1000)'),
    endOf({ memory: 150e6 }, 'globalThis.held = Buffer.alloc(300e6, 1); setInterval(() => {}, 1000)'),
    endOf({ memory: 120e6 }, 'const held = []; for (;;) held.push(Array.from({ length: 1000 }, (_, i) => ({ i })))'),
    endOf({ time: 60_000_000, memory: 1e9 }, '1'),
  ])
  expect(late).toMatchObject({ code: 'training_time_exceeded', path: 'training.limits.time' })
  expect(large).toMatchObject({ code: 'training_memory_exceeded', message: expect.stringMatching(/than 150 MB/) })
  expect(full).toMatchObject({ code: 'training_memory_exceeded' })
  expect(well).toBe(undefined)
})

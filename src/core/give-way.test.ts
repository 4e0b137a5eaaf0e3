import { fork } from 'node:child_process'
import { once } from 'node:events'
import { getPriority } from 'node:os'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { processGivesWay } from './give-way.ts'

const fixture = fileURLToPath(new URL('./give-way-child.fixture.ts', import.meta.url))

test.runIf(process.platform === 'linux')('a thread that gives way is below the others of its process', async () => {
  const worker = new Worker(fixture)
  const [priorities] = await once(worker, 'message')
  expect(priorities).toEqual({ thread: Math.max(10, getPriority()), process: getPriority() })
})

test('a process that gives way is below its parent, and one that is gone is no mistake', async () => {
  const child = fork(fixture)
  processGivesWay(child.pid!)
  expect(getPriority(child.pid!)).toBe(Math.max(10, getPriority()))
  const ended = once(child, 'exit')
  child.disconnect()
  await ended
  expect(() => processGivesWay(child.pid!)).not.toThrow()
})

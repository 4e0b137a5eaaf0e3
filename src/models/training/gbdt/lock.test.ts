import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'

const ROUNDS = 20_000

/** Adds to a number in two steps, which only a lock keeps whole. */
const adder = `
  const { workerData } = require('node:worker_threads')
  const { shared, url, rounds } = workerData
  import(url).then(({ acquire, release }) => {
    for (let i = 0; i < rounds; i += 1) {
      acquire(shared, 0)
      const before = shared[1]
      for (let pause = 0; pause < i % 50; pause += 1) shared[2] = pause
      shared[1] = before + 1
      release(shared, 0)
    }
  })`

test('only one thread at a time holds a lock', async () => {
  const shared = new Int32Array(new SharedArrayBuffer(12))
  const workerData = { shared, url: new URL('./lock.ts', import.meta.url).href, rounds: ROUNDS }
  const workers = [1, 2, 3].map(() => new Worker(adder, { eval: true, execArgv: [], workerData }))
  const codes = await Promise.all(workers.map((worker) => once(worker, 'exit')))
  expect(codes).toEqual([[0], [0], [0]])
  expect(shared[1]).toBe(3 * ROUNDS)
  expect(shared[0]).toBe(0)
})

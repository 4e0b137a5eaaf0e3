import { parentPort } from 'node:worker_threads'
import { laws } from './registry.ts'
import type { Stretch } from './try-laws.ts'

// Tries stretches of cases, one after another, as they are asked for.
parentPort?.on('message', async ({ name, cases, seed }: Stretch) => {
  const report = await (laws[name] as (typeof laws)[string]).run({ cases, seed })
  parentPort?.postMessage(report)
})

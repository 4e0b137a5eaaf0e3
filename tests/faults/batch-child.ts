import { readFileSync, writeSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import type { BatchJob } from '../../src/operate/serving/batch/batch-job.ts'
import { runBatch } from '../../src/operate/serving/batch/run-batch.ts'

// The process that is killed: does one job, says when it begins and when it is done, and waits for its end.
const job = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as BatchJob
// One that is killed keeps nothing at its end for those after it.
flushCompileCache()
writeSync(1, 'begins\n')
await runBatch(job, () => undefined)
writeSync(1, 'done\n')
await setTimeout(60_000)

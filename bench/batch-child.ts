// Our side of the batch benchmark: batch-child.ts FOLDER OUTPUT_FOLDER. Scores the population from file to file.
import { mkdirSync, readFileSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import process from 'node:process'
import type { BatchJob } from '../src/operate/serving/batch/batch-job.ts'
import { runBatch } from '../src/operate/serving/batch/run-batch.ts'
import type { BatchSide } from './batch.ts'
import { ownUsage } from './child.ts'

const [, , folder = '', base = ''] = process.argv
// As the command line does for every batch: its threads do not compile anew what the round before has compiled.
const { directory } = enableCompileCache()
if (directory !== undefined) process.env['NODE_COMPILE_CACHE'] = directory
const job = JSON.parse(readFileSync(join(folder, 'job.json'), 'utf8')) as BatchJob
const work = join(base, 'work')
mkdirSync(work, { recursive: true })
const steps: Record<string, number> = {}
const start = performance.now()
const report = await runBatch({ ...job, base, folder: work }, (sentence) => {
  steps[sentence] = Math.round(performance.now() - start)
})
const side: BatchSide = {
  seconds: (performance.now() - start) / 1000,
  cpu_seconds: ownUsage().cpu / 1e6,
  rows: report.scored,
  peak_rss_mb: ownUsage().peak_rss_mb,
  digest: report.outputDigest,
  steps,
}
console.log(JSON.stringify(side))

// Runs what needs a real engine beside us, installed and started here, or many processes that are killed.  npm run test:engines [-- SUITE | -- --only TEXT]
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { enableCompileCache } from 'node:module'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { batchPostgresSuite } from './batch-postgres-suite.ts'
import { commandSuite } from './command-suite.ts'
import { contractsSuite } from './contracts-suite.ts'
import { formatsSuite } from './formats-suite.ts'
import { gateSuite } from './gate-suite.ts'
import { imageSuite } from './image-suite.ts'
import { inferenceSuite } from './inference-suite.ts'
import { killedBatchSuite } from './killed-batch-suite.ts'
import { killedImportSuite } from './killed-import-suite.ts'
import { killedMergeSuite } from './killed-merge-suite.ts'
import { killedSourceSuite } from './killed-source-suite.ts'
import { killedStreamSuite } from './killed-stream-suite.ts'
import { killedTrainingSuite } from './killed-training-suite.ts'
import { lineageSuite } from './lineage-suite.ts'
import { linearSuite } from './linear-suite.ts'
import { mlflowSuite } from './mlflow-suite.ts'
import { multiclassSuite } from './multiclass-suite.ts'
import { onnxSuite } from './onnx-suite.ts'
import { postgresSuite } from './postgres-suite.ts'
import { searchesSuite } from './searches-suite.ts'
import { servingSuite } from './serving-suite.ts'
import type { EngineSuite } from './suite.ts'

// Processes and threads that are started need not compile the same modules each time.
const { directory } = enableCompileCache()
if (directory !== undefined) process.env['NODE_COMPILE_CACHE'] = directory

/** What looks at memory or at the turns of an event loop: nothing else runs beside it. */
const alone: readonly EngineSuite[] = [onnxSuite, servingSuite]
/** What needs much of the processor, and what waits more: each on a core of its own, the second with all that apt-get installs. */
const lanes: readonly (readonly EngineSuite[])[] = [
  [gateSuite, killedStreamSuite, contractsSuite],
  [
    postgresSuite,
    batchPostgresSuite,
    killedImportSuite,
    killedMergeSuite,
    killedSourceSuite,
    killedBatchSuite,
    killedTrainingSuite,
    inferenceSuite,
    formatsSuite,
    linearSuite,
    multiclassSuite,
    commandSuite,
    imageSuite,
    mlflowSuite,
    searchesSuite,
    lineageSuite,
  ],
]

interface Counts {
  passed: number
  failed: number
}

// runs the checks whose name, with that of their suite before it, has this text
const { values, positionals } = parseArgs({
  options: { only: { type: 'string' }, lane: { type: 'string' } },
  allowPositionals: true,
})
const only = values.only ?? positionals.join(' ')
// A name of a suite at its beginning leaves the others out, and their engines.
const suites = [...alone, ...lanes.flat()]
const named = suites.filter(({ name }) => only.startsWith(name))

if (values.lane !== undefined) {
  process.once('disconnect', () => process.exit())
  process.send?.(await runSuites(lanes[Number(values.lane)]!))
} else {
  const { passed, failed } = only === '' ? await runLanes() : await runSuites(named.length === 0 ? suites : named)
  console.log(`\nengines: ${passed} passed, ${failed} failed`)
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1
}

/** Runs what must be alone, then each lane in a process of its own. */
async function runLanes(): Promise<Counts> {
  const first = await runSuites(alone)
  const ends = await Promise.all(lanes.map((_, lane) => runLane(lane)))
  return [first, ...ends].reduce((sum, { passed, failed }) => ({
    passed: sum.passed + passed,
    failed: sum.failed + failed,
  }))
}

async function runLane(lane: number): Promise<Counts> {
  const child = fork(import.meta.filename, ['--lane', String(lane)])
  let counts: Counts | undefined
  child.on('message', (told: Counts) => {
    counts = told
    child.disconnect()
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (counts !== undefined) return counts
  console.log(`FAILED  lane ${lane} ended with ${code} before its end`)
  return { passed: 0, failed: 1 }
}

async function runSuites(chosen: readonly EngineSuite[]): Promise<Counts> {
  const counts: Counts = { passed: 0, failed: 0 }
  for (const suite of chosen) {
    try {
      await suite.run(async (name, test) => {
        const full = `${suite.name}: ${name}`
        if (!full.includes(only)) return
        const started = performance.now()
        try {
          await test()
          counts.passed += 1
          console.log(`ok      ${full} (${Math.round(performance.now() - started)} ms)`)
        } catch (error) {
          counts.failed += 1
          console.log(`FAILED  ${full}\n${error instanceof Error ? error.stack : String(error)}`)
        }
      })
    } catch (error) {
      // An engine that cannot be started is a failure: what was not tested was not shown.
      counts.failed += 1
      console.log(`FAILED  ${suite.name}\n${error instanceof Error ? error.stack : String(error)}`)
    }
  }
  return counts
}

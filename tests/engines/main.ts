// Runs what needs a real engine beside us, installed and started here, or many processes that are killed.  npm run test:engines [-- SUITE | -- --only TEXT]
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
import { killedSourceSuite } from './killed-source-suite.ts'
import { killedStreamSuite } from './killed-stream-suite.ts'
import { killedTrainingSuite } from './killed-training-suite.ts'
import { lineageSuite } from './lineage-suite.ts'
import { linearSuite } from './linear-suite.ts'
import { mlflowSuite } from './mlflow-suite.ts'
import { onnxSuite } from './onnx-suite.ts'
import { postgresSuite } from './postgres-suite.ts'
import { searchesSuite } from './searches-suite.ts'
import { servingSuite } from './serving-suite.ts'
import type { EngineSuite } from './suite.ts'

// Processes and threads that are started need not compile the same modules each time.
const { directory } = enableCompileCache()
if (directory !== undefined) process.env['NODE_COMPILE_CACHE'] = directory

const suites: readonly EngineSuite[] = [
  postgresSuite,
  batchPostgresSuite,
  killedImportSuite,
  killedSourceSuite,
  killedStreamSuite,
  killedBatchSuite,
  killedTrainingSuite,
  inferenceSuite,
  onnxSuite,
  contractsSuite,
  formatsSuite,
  linearSuite,
  commandSuite,
  gateSuite,
  imageSuite,
  servingSuite,
  mlflowSuite,
  searchesSuite,
  lineageSuite,
]

// runs the checks whose name, with that of their suite before it, has this text
const { values, positionals } = parseArgs({ options: { only: { type: 'string' } }, allowPositionals: true })
const only = values.only ?? positionals.join(' ')
const results = { passed: 0, failed: 0 }

// A name of a suite at its beginning leaves the others out, and their engines.
const named = suites.filter(({ name }) => only.startsWith(name))

for (const suite of named.length === 0 ? suites : named) {
  try {
    await suite.run(async (name, test) => {
      const full = `${suite.name}: ${name}`
      if (!full.includes(only)) return
      const started = performance.now()
      try {
        await test()
        results.passed += 1
        console.log(`ok      ${full} (${Math.round(performance.now() - started)} ms)`)
      } catch (error) {
        results.failed += 1
        console.log(`FAILED  ${full}\n${error instanceof Error ? error.stack : String(error)}`)
      }
    })
  } catch (error) {
    // An engine that cannot be started is a failure: what was not tested was not shown.
    results.failed += 1
    console.log(`FAILED  ${suite.name}\n${error instanceof Error ? error.stack : String(error)}`)
  }
}
console.log(`\nengines: ${results.passed} passed, ${results.failed} failed`)
process.exitCode = results.failed === 0 && results.passed > 0 ? 0 : 1

import { dirname } from 'node:path'
import process from 'node:process'
import { asTruelineError } from '../../../core/errors.ts'
import { loadProject } from '../../app/load-project.ts'
import type { ProjectTestsReport } from '../../app/pipeline/training-parts.ts'
import { findTests, type TestFile } from './find-tests.ts'
import { linesOfFailure } from './junit.ts'
import { runTests } from './run-tests.ts'
import { testsOfModel } from './tests-of-model.ts'

/** What the process is told. */
export interface TestsTask {
  /** Path of the project file. */
  readonly config: string
  /** The data directory: tests may use versions of it. */
  readonly directory: string
  /** Name of the model whose tests are run. */
  readonly model: string
}

/** Most lines that are told of one test: the first ones say what is wrong. */
const MOST_CAUSES = 100

/** The process that runs a project's tests: takes one task from its parent, answers, and ends. It ends with its parent, too. */
process.once('message', (task: TestsTask) => {
  work(task)
    .then((result) => process.send?.({ kind: 'result', result }))
    .catch((thrown: unknown) => {
      const { code, message, path, remedy } = asTruelineError(thrown)
      process.send?.({ kind: 'error', code, message, remedy, ...(path === undefined ? {} : { path }) })
    })
    .finally(() => process.disconnect())
})
process.once('disconnect', () => process.exit())

async function work({ config, directory, model }: TestsTask): Promise<ProjectTestsReport> {
  const folder = dirname(config)
  const project = await loadProject(config)
  const all = await findTests(folder, [])
  const files = testsOfModel(all, model, project)
  const { passed, failed, errors, tests } = await runTests(files, { project, folder, directory })
  const unmet = tests
    .filter(({ outcome }) => outcome !== 'passed')
    .map(({ file, name, failures }) => ({
      name: `${file}: ${name}`,
      causes: failures.flatMap(linesOfFailure).slice(0, MOST_CAUSES),
    }))
  return { passed, failed, errors, others: countOf(all) - countOf(files), unmet }
}

function countOf(files: readonly TestFile[]): number {
  return files.reduce((sum, { tests }) => sum + tests.length, 0)
}

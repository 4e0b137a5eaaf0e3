import { dirname } from 'node:path'
import process from 'node:process'
import { asTruelineError } from '../../../core/errors.ts'
import { loadProject } from '../../app/load-project.ts'
import type { ProjectTestsReport } from '../../app/pipeline/training-parts.ts'
import { findTests } from './find-tests.ts'
import { runTests } from './run-tests.ts'

/** What the process is told. */
export interface TestsTask {
  /** Path of the project file. */
  readonly config: string
  /** The data directory: tests may use versions of it. */
  readonly directory: string
}

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

async function work({ config, directory }: TestsTask): Promise<ProjectTestsReport> {
  const folder = dirname(config)
  const project = await loadProject(config)
  const { passed, failed, errors, tests } = await runTests(await findTests(folder, []), { project, folder, directory })
  const unmet = tests.filter(({ outcome }) => outcome !== 'passed').map(({ file, name }) => `${file}: ${name}`)
  return { passed, failed, errors, unmet }
}

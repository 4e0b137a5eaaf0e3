import { dirname, resolve } from 'node:path'
import { TruelineError } from '../../../core/errors.ts'
import { workerUrl } from '../../../core/worker-url.ts'
import type { ProjectTests, ProjectTestsReport } from '../../app/pipeline/training-parts.ts'
import { watchLimits } from '../../app/pipeline/watch-limits.ts'
import { runChild } from '../../app/run-child.ts'
import { testFilesBelow } from './find-tests.ts'
import type { TestsTask } from './tests-child.ts'

/**
 * Runs the tests of a project that concern a model in a process of their own: they load code of the project, and must neither hold up nor end
 * what serves.
 * @param config path of the project file
 */
export function projectTestsOf(config: string): ProjectTests {
  const path = resolve(config)
  return async ({ model, directory, limits, signal }) => {
    if ((await testFilesBelow(dirname(path))).length === 0) return undefined
    const task: TestsTask = { config: path, directory, model }
    return await runChild<ProjectTestsReport>(workerUrl(import.meta.url, './tests-child.ts'), task, {
      ...{ signal, what: "The process of the project's tests", failure: 'project_tests_failed' },
      stopped: () =>
        signal.reason instanceof TruelineError
          ? signal.reason
          : new TruelineError('platform_stopped', 'The tests were broken off: the platform is shutting down.'),
      onMessage: () => undefined,
      watch: (pid, end) => watchLimits(limits, pid, end),
    })
  }
}

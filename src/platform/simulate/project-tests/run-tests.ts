import { dirname, relative } from 'node:path'
import { systemClock } from '../../../core/clock.ts'
import { asTruelineError } from '../../../core/errors.ts'
import { SECOND } from '../../../core/time.ts'
import type { ProjectDefinition } from '../../../language/define/definitions.ts'
import type { ProjectTest } from '../../../language/define/scenario.ts'
import type { TestFile } from './find-tests.ts'
import { runScenario } from './run-scenario.ts'
import type { TestReport, TestResult } from './test-result.ts'

export interface RunOptions {
  readonly project: ProjectDefinition
  /** Files are named from here. */
  readonly folder: string
  readonly directory: string
  /** Only tests whose name has this text. */
  readonly filter?: string
  /** Told of each test as it ends. */
  readonly onResult?: (result: TestResult) => void
}

/** Tests that run at the same time: much of a test is waiting for the disk. */
const AT_ONCE = 4

/** Runs tests, a few at a time; a test that cannot be run to its end does not keep others from it. */
export async function runTests(files: readonly TestFile[], options: RunOptions): Promise<TestReport> {
  const { filter = '', onResult } = options
  const clock = systemClock()
  const started = clock.elapsed()
  const chosen = files.flatMap(({ path, tests }) =>
    tests.filter(({ name }) => name.includes(filter)).map((test) => ({ path, test })),
  )
  const tests: TestResult[] = []
  let next = 0
  let told = 0
  const work = async (): Promise<void> => {
    while (next < chosen.length) {
      const place = next
      next += 1
      const { path, test } = chosen[place]!
      const begun = clock.elapsed()
      const found = await outcomeOf(test, path, options)
      const seconds = (clock.elapsed() - begun) / SECOND
      tests[place] = { file: relative(options.folder, path), name: test.name, ...found, seconds }
      // Told in the order in which they are written.
      for (; tests[told] !== undefined; told += 1) onResult?.(tests[told]!)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  const count = (outcome: TestResult['outcome']): number => tests.filter((test) => test.outcome === outcome).length
  const seconds = (clock.elapsed() - started) / SECOND
  return { passed: count('passed'), failed: count('failed'), errors: count('error'), seconds, tests }
}

async function outcomeOf(
  { steps }: ProjectTest,
  path: string,
  { project, directory }: RunOptions,
): Promise<Pick<TestResult, 'outcome' | 'failures'>> {
  try {
    const failures = await runScenario(steps, { project, directory, folder: dirname(path) })
    return { outcome: failures.length === 0 ? 'passed' : 'failed', failures }
  } catch (thrown) {
    const { code, message, remedy } = asTruelineError(thrown)
    return {
      outcome: 'error',
      failures: [{ what: code, expected: 'a test that runs', actual: message, because: [remedy] }],
    }
  }
}

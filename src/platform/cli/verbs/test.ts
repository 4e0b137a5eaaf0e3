import { writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import process from 'node:process'
import type { Command } from 'commander'
import { TruelineError } from '../../../core/errors.ts'
import { junitOf, linesOfFailure } from '../../simulate/project-tests/junit.ts'
import type { TestResult } from '../../simulate/project-tests/test-result.ts'
import { directoryOf } from '../directory.ts'
import { printJson, printLine } from '../output.ts'
import { optionsOf, type Verb } from '../verb.ts'

const signs = { passed: 'ok    ', failed: 'FAILED', error: 'ERROR ' } as const

/** `test`: the project's own tests, on the real platform. */
export const test: Verb = (program: Command) => {
  program
    .command('test [files...]')
    .description(
      "run the project's own tests: every *.trueline.ts beside the project file and below it, or those named",
    )
    .option('--filter <text>', 'only tests whose name has this text', '')
    .option('--junit <file>', 'write the results as JUnit XML, too')
    .action(async (given: string[], _options: unknown, command: Command) => {
      const options = optionsOf<{ filter: string; junit?: string }>(command)
      const folder = dirname(resolve(options.config))
      const { loadProject } = await import('../../app/load-project.ts')
      const project = await loadProject(options.config)
      const { findTests } = await import('../../simulate/project-tests/find-tests.ts')
      const files = await findTests(folder, given)
      const isJson = options.json === true
      const { runTests } = await import('../../simulate/project-tests/run-tests.ts')
      const report = await runTests(files, {
        ...{ project, folder, directory: directoryOf(options), filter: options.filter },
        ...(isJson ? {} : { onResult: printResult }),
      })
      if (report.tests.length === 0)
        throw new TruelineError('no_tests', `No test has '${options.filter}' in its name.`, {
          remedy: 'Give --filter a part of a name; without it, all tests run.',
        })
      if (options.junit !== undefined) await writeFile(options.junit, junitOf(report))
      if (isJson) printJson(report)
      else {
        const { passed, failed, errors, seconds } = report
        printLine(`${passed} passed, ${failed} failed, ${errors} could not run, in ${seconds.toFixed(1)} s`)
      }
      if (report.failed + report.errors > 0) process.exitCode = 1
    })
}

function printResult({ file, name, outcome, seconds, failures }: TestResult): void {
  printLine(`${signs[outcome]} ${file}: ${name} (${Math.round(seconds * 1000)} ms)`)
  for (const line of failures.flatMap(linesOfFailure)) printLine(`       ${line}`)
}

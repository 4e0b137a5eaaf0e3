import type { TestReport, TestResult } from './test-result.ts'

/** A report as JUnit XML, which CI services read: one suite a file. */
export function junitOf({ tests, failed, errors, seconds }: TestReport): string {
  const suites = [...Map.groupBy(tests, ({ file }) => file)].map(([file, cases]) => {
    const counts = `tests="${cases.length}" failures="${count(cases, 'failed')}" errors="${count(cases, 'error')}"`
    const time = cases.reduce((sum, one) => sum + one.seconds, 0).toFixed(3)
    return `  <testsuite name="${escaped(file)}" ${counts} time="${time}">\n${cases.map(caseOf).join('')}  </testsuite>\n`
  })
  const counts = `tests="${tests.length}" failures="${failed}" errors="${errors}" time="${seconds.toFixed(3)}"`
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="trueline" ${counts}>\n${suites.join('')}</testsuites>\n`
}

function caseOf({ file, name, outcome, seconds, failures }: TestResult): string {
  const head = `    <testcase classname="${escaped(file)}" name="${escaped(name)}" time="${seconds.toFixed(3)}"`
  if (outcome === 'passed') return `${head}/>\n`
  const element = outcome === 'failed' ? 'failure' : 'error'
  const [first] = failures
  const text = failures.flatMap(linesOfFailure).join('\n')
  return `${head}>\n      <${element} message="${escaped(first?.what ?? '')}">${escaped(text)}</${element}>\n    </testcase>\n`
}

/** A failure in words, a line each. */
export function linesOfFailure({ what, expected, actual, because }: TestResult['failures'][number]): string[] {
  const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
  return [what, `  expected ${shown(expected)}`, `  came     ${shown(actual)}`, ...because.map((line) => `  ${line}`)]
}

function count(tests: readonly TestResult[], outcome: TestResult['outcome']): number {
  return tests.filter((test) => test.outcome === outcome).length
}

/** Text that may stand in XML; characters that XML has no place for are left out. */
function escaped(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;')
}

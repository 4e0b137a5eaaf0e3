/** What came of a project's tests. */
export interface TestReport {
  readonly passed: number
  readonly failed: number
  /** Tests that could not be run to their end. */
  readonly errors: number
  readonly seconds: number
  readonly tests: readonly TestResult[]
}

export interface TestResult {
  /** From the folder of the project. */
  readonly file: string
  readonly name: string
  readonly outcome: 'passed' | 'failed' | 'error'
  readonly seconds: number
  readonly failures: readonly TestFailure[]
}

/** Something that is not as it was expected. */
export interface TestFailure {
  readonly what: string
  readonly expected: unknown
  readonly actual: unknown
  /** What it was made from, in words, a line each. */
  readonly because: readonly string[]
}

import type { Browser } from 'playwright-core'

/** What a walk needs: a browser, the address of the console, and a place for each thing that it finds. */
export interface Walk {
  readonly browser: Browser
  readonly url: string
  /** Runs one named check; what it throws is reported, and the walk goes on. */
  check(name: string, run: () => Promise<void>): Promise<void>
}

/** @throws Error that says what was expected, when it is not so */
export function expect(so: boolean, what: string): asserts so {
  if (!so) throw new Error(what)
}

/** @throws Error with both values, when they differ */
export function expectEqual<T>(actual: T, wanted: T, what: string): void {
  if (actual !== wanted) throw new Error(`${what}: expected ${JSON.stringify(wanted)}, found ${JSON.stringify(actual)}`)
}

/** @throws Error when the text has no such part */
export function expectPart(text: string, part: string | RegExp, what: string): void {
  const found = typeof part === 'string' ? text.includes(part) : part.test(text)
  if (!found) throw new Error(`${what}: expected ${part} in ${JSON.stringify(text.slice(0, 400))}`)
}

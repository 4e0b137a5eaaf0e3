import type { Clock } from '../../core/clock.ts'
import { TruelineError } from '../../core/errors.ts'
import { secretBytes } from '../../core/random.ts'
import { MINUTE } from '../../core/time.ts'

/**
 * How predictions of load tests are marked: answered and logged like any other, so that what is measured is what others
 * get, and left out of what is watched, told to others and learnt from.
 */
export const LOAD_TEST_MODE = 'loadtest'

/** Header of requests that belong to a load test: its token. */
export const LOAD_TEST_HEADER = 'x-trueline-load-test'

/** The load tests that run, so that no caller can leave its requests out of what is watched. */
export interface LoadTests {
  /** Begins one of a model. @returns the token that its requests carry */
  begin(model: string): string
  /** Ends the one of a token, if it runs. */
  end(token: string): void
  /**
   * How a request is recorded, by its header.
   * @throws TruelineError `load_test_not_running` for a token that is not of a load test of this model under way
   */
  modeOf(model: string, header: string | readonly string[] | undefined): string
}

const TOKEN_BYTES = 16
/** A load test of which nothing came for so long was broken off. */
const FORGOTTEN_AFTER = 2 * MINUTE

/** @param clock times how long a load test is silent */
export function createLoadTests(clock: Pick<Clock, 'elapsed'>): LoadTests {
  const running = new Map<string, { readonly model: string; seen: number }>()
  return {
    begin(model) {
      const seen = clock.elapsed()
      for (const [token, test] of running) if (seen - test.seen > FORGOTTEN_AFTER) running.delete(token)
      const token = Buffer.from(secretBytes(TOKEN_BYTES)).toString('hex')
      running.set(token, { model, seen })
      return token
    },
    end(token) {
      running.delete(token)
    },
    modeOf(model, header) {
      if (header === undefined) return 'http'
      const test = running.get(String(header))
      const now = clock.elapsed()
      if (test?.model !== model || now - test.seen > FORGOTTEN_AFTER)
        throw new TruelineError('load_test_not_running', `No load test of '${model}' runs with this token.`, {
          path: LOAD_TEST_HEADER,
        })
      test.seen = now
      return LOAD_TEST_MODE
    },
  }
}

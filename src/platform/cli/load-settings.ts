import { TruelineError } from '../../core/errors.ts'
import { parseDuration, SECOND } from '../../core/time.ts'
import type { LoadSettings } from '../../operate/readiness/load-test.ts'
import { wholeNumber } from './verb.ts'

/** What `loadtest` is told. */
export interface LoadTestOptions {
  readonly rate: string
  readonly for: string
  readonly warmup: string
  readonly rowsPerRequest: string
  readonly connections: string
  readonly arrivals: string
  readonly seed: string
  readonly url?: string
  readonly rows?: string
  readonly steps?: string
  readonly find?: boolean
  readonly runs?: boolean
}

/** What a request may have. */
const MOST_ROWS_PER_REQUEST = 100_000
/** Beyond it an address has no ports left, and one client is no measure of a server. */
const MOST_CONNECTIONS = 10_000
const MOST_RATE = 1_000_000
/** Times of each are kept until the end: some gigabytes of them are no load test any more. */
const MOST_REQUESTS = 20_000_000

/**
 * What is asked of a load test.
 * @throws TruelineError `invalid_arguments`, `invalid_duration`
 */
export function loadSettings(options: LoadTestOptions): LoadSettings {
  const { arrivals } = options
  if (arrivals !== 'poisson' && arrivals !== 'constant')
    throw new TruelineError('invalid_arguments', `--arrivals is poisson or constant, not '${arrivals}'.`)
  const seconds = parseDuration(options.for, '--for') / SECOND
  if (seconds === 0) throw new TruelineError('invalid_arguments', '--for must be above 0.', { path: '--for' })
  return {
    seconds,
    warmup: parseDuration(options.warmup, '--warmup') / SECOND,
    rowsPerRequest: positive(options.rowsPerRequest, '--rows-per-request', MOST_ROWS_PER_REQUEST),
    connections: positive(options.connections, '--connections', MOST_CONNECTIONS),
    arrivals,
    seed: wholeNumber(options.seed, '--seed'),
    rows: options.rows === undefined ? 'stream' : 'file',
  }
}

/**
 * The rates that are asked at, requests a second: one, or several that rise.
 * @throws TruelineError `invalid_arguments`
 */
export function loadRates(
  { steps, find, rate }: Pick<LoadTestOptions, 'steps' | 'find' | 'rate'>,
  { seconds, warmup }: Pick<LoadSettings, 'seconds' | 'warmup'>,
): readonly number[] {
  if (steps !== undefined && find === true)
    throw new TruelineError(
      'invalid_arguments',
      '--steps names the rates, and --find looks for them: give one of both.',
    )
  const what = steps === undefined ? '--rate' : '--steps'
  const rates = (steps ?? rate).split(',').map((text) => positive(text.trim(), what, MOST_RATE))
  if (rates.some((one, index) => index > 0 && one <= rates[index - 1]!))
    throw new TruelineError('invalid_arguments', `Rates of --steps rise: ${rates.join(',')} do not.`, { path: what })
  const requests = rates.at(-1)! * (seconds + warmup)
  if (requests > MOST_REQUESTS)
    throw new TruelineError(
      'invalid_arguments',
      `${rates.at(-1)} requests/s with --for and --warmup of ${seconds + warmup} s are ${requests}; a load has at most ${MOST_REQUESTS}.`,
      { path: '--for', remedy: 'Ask for a shorter time, or at a lower rate.' },
    )
  return rates
}

function positive(text: string, what: string, most: number): number {
  const value = wholeNumber(text, what)
  if (value > 0 && value <= most) return value
  const bound = value > 0 ? `at most ${most}` : 'above 0'
  throw new TruelineError('invalid_arguments', `${what} must be ${bound}.`, { path: what })
}

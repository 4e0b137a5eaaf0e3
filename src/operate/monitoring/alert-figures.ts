import type { Alert } from './alert-store.ts'
import { countWords, durationWords, metricName, metricWords, percentWords } from './words.ts'

/** One number that an alert is about, in words, and what it is held against. */
export interface AlertFigure {
  readonly name: string
  readonly found: string
  /** What was promised, is allowed or is usual; absent where nothing is. */
  readonly against?: string
}

/** The parts of what an alert is about: inputs, classes or objectives, each with its numbers in words. */
export interface AlertParts {
  readonly of: 'inputs' | 'classes' | 'objectives'
  readonly columns: readonly string[]
  readonly rows: readonly { readonly name: string; readonly values: readonly string[] }[]
}

/** What an alert rests on, in words. */
export interface AlertFigures {
  /** The version that it is about. */
  readonly version?: number
  /** When it began, microseconds: before the alert was opened, which takes evidence. */
  readonly since?: number
  readonly figures: readonly AlertFigure[]
  readonly parts?: AlertParts
}

/**
 * What a monitor wrote of an alert, in words: how large the effect is, held against what, in which inputs, and since when. What
 * is not on record, as in an alert of an older release, is left out.
 */
export function alertFigures({ kind, evidence, effect }: Pick<Alert, 'kind' | 'evidence' | 'effect'>): AlertFigures {
  const said = membersOf(evidence)
  const size = membersOf(effect)
  const version = numberOf(said.version)
  const since = [said.since, said.from, said.last, said.newest].map(numberOf).find((time) => time !== undefined)
  const parts = partsOf(kind, said, size)
  return {
    ...(version === undefined ? {} : { version }),
    ...(since === undefined ? {} : { since }),
    figures: figuresOf(said, size),
    ...(parts === undefined ? {} : { parts }),
  }
}

/** What monitors write of an alert. */
type Members = Partial<Readonly<Record<(typeof written)[number], unknown>>>

const written = [
  'version',
  'since',
  'from',
  'last',
  'newest',
  'low',
  'high',
  'recent',
  'cohorts',
  'short',
  'long',
  'longest',
  'lag',
  'mostLag',
  'checked',
  'failures',
  'verdict',
  'words',
  'batch',
  'code',
  'causes',
  'groups',
  'objectives',
  'objective',
  'threshold',
  'over',
  'rate',
  'metric',
  'value',
  'expected',
  'shortfall',
  'coverage',
  'share',
  'usual',
  'allowed',
  'psi',
  'js',
  'ks',
  'mean',
  'pause',
  'behind',
  'shed',
  'late',
  'skipped',
  'mismatches',
  'rows',
  'bound',
  'promised',
  'rejected',
  'failed',
  'policy',
  'features',
  'feature',
  'importance',
  'missing',
  'classes',
  'before',
  'left',
] as const

function figuresOf(said: Members, size: Members): readonly AlertFigure[] {
  const [low, high] = [numberOf(said.low), numberOf(said.high)]
  const interval = low === undefined || high === undefined ? '' : ` (${metricWords(low)} to ${metricWords(high)})`
  const metric = typeof size.metric === 'string' ? metricName(size.metric) : 'Metric'
  return [
    figure("Their share of the model's gain", gainOf(size.features), percentWords),
    figure(metric, size.value, (value) => `${metricWords(value)}${interval}`, size.expected, evaluated),
    figure('Short of that by', size.shortfall, metricWords),
    figure('Days of mature outcomes', said.cohorts, countWords),
    figure('Of them short by more than is allowed', said.short, countWords),
    figure(
      'Got an outcome',
      size.coverage,
      percentWords,
      size.expected,
      (share) => `${percentWords(share)} in training`,
    ),
    ...shareFigures(said, size),
    figure('PSI', size.psi, metricWords, size.usual, usually(metricWords)),
    figure('Jensen-Shannon distance', size.js, metricWords),
    figure('Kolmogorov-Smirnov distance', size.ks, metricWords),
    figure('Mean score', size.mean, metricWords),
    figure(
      'Nothing came for',
      size.pause,
      durationWords,
      said.longest,
      (time) => `${durationWords(time)} at most in a week`,
    ),
    figure('The oldest waits for', said.lag, durationWords, said.mostLag, promised(durationWords)),
    figure('Waiting', size.behind, countWords),
    figure('Refused', size.shed, countWords),
    figure('Too late', size.late, countWords),
    figure('Skipped', size.skipped, countWords),
    figure(
      'Predictions that differ',
      size.mismatches,
      countWords,
      said.checked,
      (n) => `of ${countWords(n)} recomputed`,
    ),
    figure('Failed attempts', said.failures, countWords),
    figure('New rows', size.rows, countWords, size.bound, promised(countWords)),
    figure('Promised', said.newest === undefined ? undefined : size.promised, durationWords),
    figure('Rows rejected', size.rejected, countWords),
    ...words('Checks that failed', size.failed),
    ...words('Verdict', said.verdict),
    ...words('What changed', said.words),
    ...words('By its policy', size.policy),
    ...words('Batch', said.batch),
    ...words('Code of the error', said.code),
    ...words('Causes', said.causes),
    ...words('Groups that move together, each by its weightiest input', said.groups),
  ].filter((one) => one !== undefined)
}

function gainOf(features: unknown): number | undefined {
  const gains = Array.isArray(features) ? features.map((one) => numberOf(membersOf(one).importance)) : []
  return gains.every((gain) => gain !== undefined) && gains.length > 0
    ? gains.reduce((sum, gain) => sum + gain, 0)
    : undefined
}

/** The share of bad rows or answers, beside what is allowed or usual. */
function shareFigures(said: Members, size: Members): readonly (AlertFigure | undefined)[] {
  const low = numberOf(said.low)
  const surely = low === undefined ? '' : `, surely more than ${percentWords(low)}`
  const [bound, words] =
    size.usual === undefined
      ? [size.allowed, (share: number): string => `${percentWords(share)} may`]
      : [size.usual, usually(percentWords)]
  return [
    figure('Share', size.share, (share) => `${percentWords(share)}${surely}`, bound, words),
    figure('In the last five minutes', said.recent, percentWords),
  ]
}

function partsOf(kind: string, said: Members, size: Members): AlertParts | undefined {
  if (kind === 'parity_mismatch') return parityParts(size)
  if (Array.isArray(size.features)) return inputParts(size)
  if (size.classes !== undefined) return classParts(size)
  return Array.isArray(said.objectives) ? objectiveParts(said, size) : undefined
}

function inputParts(size: Members): AlertParts {
  return {
    of: 'inputs',
    columns: ['Importance', 'PSI', 'Usually', 'Jensen-Shannon', 'Kolmogorov-Smirnov', 'Missing'],
    rows: rowsOf(size.features, 'feature', (one) => [
      worded(one.importance, percentWords),
      ...[one.psi, one.usual, one.js, one.ks].map((value) => worded(value, metricWords)),
      worded(one.missing, percentWords),
    ]),
  }
}

function parityParts(size: Members): AlertParts {
  return {
    of: 'inputs',
    columns: ['Recomputed', 'Different', 'Causes'],
    rows: rowsOf(size.features, 'feature', (one) => [
      worded(one.checked, countWords),
      worded(one.mismatches, countWords),
      Object.keys(membersOf(one.causes)).join(', ') || NONE,
    ]),
  }
}

function classParts(size: Members): AlertParts {
  const before = objectOf(size.before)
  return {
    of: 'classes',
    columns: ['Share of answers', 'In training'],
    rows: Object.entries(objectOf(size.classes)).map(([name, share]) => ({
      name,
      values: [worded(share, percentWords), worded(before[name], percentWords)],
    })),
  }
}

function objectiveParts(said: Members, size: Members): AlertParts {
  const left = new Map(
    (Array.isArray(size.left) ? size.left : []).map((one) => [membersOf(one).objective, membersOf(one).left]),
  )
  const burn = (value: unknown): string => {
    const { over, rate } = membersOf(value)
    const times = worded(rate, (number) => `${number.toFixed(1)} times`)
    return `${times} what is allowed, over ${worded(over, durationWords)}`
  }
  return {
    of: 'objectives',
    columns: ['Burns', 'And still', 'Told from', 'Budget left'],
    rows: rowsOf(said.objectives, 'objective', (one) => [
      burn(one.long),
      burn(one.short),
      worded(one.threshold, (number) => `${number.toFixed(1)} times`),
      worded(left.get(one.objective), (share) => percentWords(Math.max(0, share))),
    ]),
  }
}

const NONE = 'not known'
const evaluated = (value: number): string => `${metricWords(value)} promised by its evaluation`
const usually =
  (say: (value: number) => string) =>
  (value: number): string =>
    `${say(value)} usually`
const promised =
  (say: (value: number) => string) =>
  (value: number): string =>
    `${say(value)} promised`

function figure(
  name: string,
  value: unknown,
  say: (value: number) => string,
  bound?: unknown,
  sayBound: (value: number) => string = say,
): AlertFigure | undefined {
  const [found, against] = [numberOf(value), numberOf(bound)]
  if (found === undefined) return undefined
  return { name, found: say(found), ...(against === undefined ? {} : { against: sayBound(against) }) }
}

function words(name: string, value: unknown): readonly AlertFigure[] {
  const listed = (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string')
  return listed.length === 0 ? [] : [{ name, found: listed.join(', ') }]
}

function rowsOf(
  list: unknown,
  name: 'feature' | 'objective',
  values: (one: Members) => readonly string[],
): AlertParts['rows'] {
  if (!Array.isArray(list)) return []
  return list.map(membersOf).map((one) => ({ name: String(one[name]), values: values(one) }))
}

function worded(value: unknown, say: (value: number) => string): string {
  const number = numberOf(value)
  return number === undefined ? NONE : say(number)
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

function membersOf(value: unknown): Members {
  return objectOf(value)
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
}

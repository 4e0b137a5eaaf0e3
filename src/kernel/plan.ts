import { canonicalJson } from '../core/canonical.ts'
import type {
  Aggregate,
  AggregateParameters,
  PlainStatistic,
  StatisticAggregate,
  StatisticName,
} from '../language/aggregate/aggregate.ts'
import { aggregates } from '../language/aggregate/registry.ts'
import type { FeatureDefinition, FeaturesDefinition, StreamDefinition } from '../language/define/definitions.ts'
import type { Window } from '../language/define/window.ts'
import type { Dictionary } from '../language/expr/dictionary.ts'
import type { Expression } from '../language/expr/expression.ts'
import { COUNTS, type MomentLevel, SQUARES, SUMS } from './exact-sum.ts'
import { type CollectionState, collectionPlanner } from './plan-collections.ts'
import { type CountedFeatures, countedTogether } from './plan-counts.ts'
import { type Lane, lanePlanner, orderOf, WHOLE_ROWS } from './plan-lanes.ts'
import { sharedList } from './shared-list.ts'
import { beginOf, heldReach } from './window.ts'

const momentStatistics: readonly StatisticName[] = ['values', 'sum', 'spread']

/** Running moments of a lane over a window. */
export interface MomentState {
  readonly lane: number
  readonly window: number
  readonly level: MomentLevel
}

/** A statistic that is a state of its own per lane and window. */
export interface WindowState {
  readonly lane: number
  readonly window: number
}

/** The last value of a lane, for all windows that end where this one does. */
export interface LastState {
  readonly lane: number
  readonly end: number
}

/** Smallest values of a lane (sign 1) or largest (sign -1), over every window that asks; all have one end. */
export interface ExtremeState {
  readonly lane: number
  readonly sign: 1 | -1
  readonly end: number
  readonly windows: readonly number[]
}

/** One feature: which states its aggregate reads. Absent states are -1. */
export interface PlannedFeature {
  readonly name: string
  readonly parameters: AggregateParameters
  /** The value over no rows. */
  readonly empty: number
  /** Absent where the value is read of a collection. */
  readonly finish: StatisticAggregate['finish'] | undefined
  readonly is: PlainStatistic | undefined
  readonly window: number
  /** Of the window, microseconds. */
  readonly delay: number
  readonly isLifetime: boolean
  /** State that counts the rows under the condition. */
  readonly rowMoments: number
  readonly moments: number
  readonly smallest: number
  readonly largest: number
  readonly first: number
  readonly last: number
  /** Index into `lasts` for the time of the last row; -1 when every row counts. */
  readonly lastTime: number
  readonly distinct: number
  /** Slot of what is read of a collection. */
  readonly answer: number
  /** Where the window begins for its end; absent where it begins with its first row. */
  readonly begin?: (end: number) => number
  /** Whether there is more to find than moments. */
  readonly needsMore: boolean
  readonly needsLastTime: boolean
  readonly needsBegin: boolean
}

/** How a group of features is computed: lanes, distinct windows and states, each shared by all features that need it. */
export interface GroupPlan {
  readonly name: string
  readonly features: readonly PlannedFeature[]
  /** The same by the rows that they are made of. */
  readonly counted: readonly CountedFeatures[]
  readonly lanes: readonly Lane[]
  readonly windows: readonly Window[]
  /** The delays of the windows, microseconds: each is an end that some of them have. The first is 0, where t is. */
  readonly delays: Float64Array
  /** Of each window, the index of its delay. */
  readonly ends: Int32Array
  /** Of each window, microseconds: Infinity for a lifetime, NaN where its beginning is found in another way. */
  readonly lengths: Float64Array
  /** Of each window, microseconds: 0 where it has none. */
  readonly hops: Float64Array
  /** Of each window whose beginning is not simply its length before its end. */
  readonly begins: readonly (((end: number) => number) | undefined)[]
  readonly moments: readonly MomentState[]
  readonly firsts: readonly WindowState[]
  readonly lasts: readonly LastState[]
  readonly extremes: readonly ExtremeState[]
  readonly distincts: readonly WindowState[]
  readonly collections: readonly CollectionState[]
  /** Window within which an entity must have a row to be known; no other reaches farther back. */
  readonly horizon: number
  /** How far back from t the windows reach, lifetimes left out; microseconds. */
  readonly reach: number
  readonly hasLifetime: boolean
  /** Whether an answer can depend on the order of rows with the same event time. */
  readonly ordersTies: boolean
  /** Whether the stream declares a sequence: without one, ids alone order rows with the same event time. */
  readonly hasSequence: boolean
  /** How long after its event time a row or a correction may come, and how far ahead of the clock; microseconds. */
  readonly corrections: number
  readonly ahead: number
}

/**
 * The plan of a group of features over a stream.
 * @param definition checked: its expressions fit the stream's schema and its aggregates, its horizon is no shorter than
 *   what its windows reach
 * @param dictionary the one that the string columns of events are encoded with
 * @throws TruelineError for an expression that does not fit the schema
 */
export function planGroup(definition: FeaturesDefinition, stream: StreamDefinition, dictionary: Dictionary): GroupPlan {
  const { schema } = stream
  const lanes = lanePlanner(schema, dictionary)
  const windows = sharedList<Window>()
  const delays = sharedList<number>()
  const endOfWindow = ({ delay = 0 }: Window) => delays.indexOf(String(delay), () => delay)
  endOfWindow({ kind: 'lifetime' })
  const moments = sharedList<{ lane: number; window: number; level: MomentLevel }>()
  const firsts = sharedList<WindowState>()
  const lasts = sharedList<LastState>()
  const extremes = sharedList<{ lane: number; sign: 1 | -1; end: number; windows: number[] }>()
  const distincts = sharedList<WindowState>()
  const collections = collectionPlanner()

  function answerOf(feature: FeatureDefinition, aggregate: Aggregate, lane: number, window: number): number {
    if (!('collects' in aggregate)) return -1
    const { parameters = {}, argument } = feature
    const { hop = 0, weights = [] } = parameters
    // A decay needs the rows of all its tiles, also where a lifetime would let go of them sooner.
    const { delay } = feature.window
    if (aggregate.collects === 'tiles')
      windowAt({ kind: 'hop', length: (weights.length - 1) * hop, hop, ...(delay === undefined ? {} : { delay }) })
    const order = orderOf(argument, schema, dictionary)
    return collections.slotOf({ lane, window, order, aggregate, parameters })
  }

  function windowAt(window: Window): number {
    return windows.indexOf(canonicalJson(window), () => window)
  }

  function momentsOf(lane: number, window: number, level: MomentLevel): number {
    const index = moments.indexOf(`${lane} ${window}`, () => ({ lane, window, level }))
    const state = moments.items[index]
    if (state !== undefined && state.level < level) state.level = level
    return index
  }

  function extremeOf(lane: number, window: number, end: number, sign: 1 | -1): number {
    const index = extremes.indexOf(`${lane} ${end} ${sign}`, () => ({ lane, sign, end, windows: [] }))
    extremes.items[index]?.windows.push(window)
    return index
  }

  function lastOf(lane: number, end: number): number {
    return lasts.indexOf(`${lane} ${end}`, () => ({ lane, end }))
  }

  function planFeature([name, given]: [string, FeatureDefinition]): PlannedFeature {
    const feature = withoutSince(given, stream)
    const aggregate: Aggregate = aggregates[feature.aggregate]
    const needed = 'needs' in aggregate ? aggregate.needs : []
    const needs = (statistic: StatisticName) => needed.includes(statistic)
    const window = windowAt(feature.window)
    const end = endOfWindow(feature.window)
    const rows = lanes.rowsOf(feature)
    const lane = aggregate.takes === 'rows' ? rows : lanes.laneOf(feature, aggregate)
    const begin = fixedBegin(given.window)
    const level = needs('spread') ? SQUARES : needs('sum') ? SUMS : COUNTS
    const state = () => ({ lane, window })
    return {
      name,
      parameters: feature.parameters ?? {},
      empty: aggregate.empty,
      finish: 'needs' in aggregate ? aggregate.finish : undefined,
      is: 'needs' in aggregate ? aggregate.is : undefined,
      window,
      delay: feature.window.delay ?? 0,
      isLifetime: feature.window.kind === 'lifetime',
      rowMoments: rows === WHOLE_ROWS ? -1 : momentsOf(rows, window, COUNTS),
      moments: needs('values') ? momentsOf(lane, window, level) : -1,
      smallest: needs('smallest') ? extremeOf(lane, window, end, 1) : -1,
      largest: needs('largest') ? extremeOf(lane, window, end, -1) : -1,
      first: needs('first') ? firsts.indexOf(`${lane} ${window}`, state) : -1,
      last: needs('last') ? lastOf(lane, end) : -1,
      lastTime: needs('lastTime') && rows !== WHOLE_ROWS ? lastOf(rows, end) : -1,
      distinct: needs('distinct') ? distincts.indexOf(`${lane} ${window}`, state) : -1,
      answer: answerOf(feature, aggregate, lane, window),
      ...(begin === undefined ? {} : { begin }),
      needsMore: !needed.every((statistic) => momentStatistics.includes(statistic)),
      needsLastTime: needs('lastTime'),
      needsBegin: needs('begin'),
    }
  }

  const features = Object.entries(definition.select).map(planFeature)
  const horizon: Window =
    definition.horizon === 'lifetime' ? { kind: 'lifetime' } : { kind: 'exact', length: definition.horizon }
  const horizonWindow = windowAt(horizon)
  return {
    name: definition.name,
    features,
    counted: countedTogether(features),
    lanes: lanes.lanes,
    windows: windows.items,
    delays: Float64Array.from(delays.items),
    ends: Int32Array.from(windows.items, endOfWindow),
    lengths: Float64Array.from(windows.items, (window) => lengthOf(window)),
    hops: Float64Array.from(windows.items, (window) => (window.kind === 'hop' ? window.hop : 0)),
    begins: windows.items.map((window) => (Number.isNaN(lengthOf(window)) ? beginOf(window) : undefined)),
    moments: moments.items,
    firsts: firsts.items,
    lasts: lasts.items,
    extremes: extremes.items,
    distincts: distincts.items,
    collections: collections.states(),
    horizon: horizonWindow,
    reach: Math.max(0, ...windows.items.map(heldReach)),
    hasLifetime: windows.items.some(({ kind }) => kind === 'lifetime'),
    hasSequence: stream.sequence !== undefined,
    ordersTies:
      features.some(({ first, last }) => first !== -1 || last !== -1) ||
      collections.states().some(({ kind }) => kind === 'ordered') ||
      windows.items.some(({ kind }) => kind === 'rows'),
    corrections: stream.corrections.within,
    ahead: stream.ahead,
  }
}

/** A window since a moment is a lifetime of which only the rows from then on count. */
function withoutSince(feature: FeatureDefinition, { time }: StreamDefinition): FeatureDefinition {
  const { window, where } = feature
  if (window.kind !== 'since') return feature
  const { from, ...shifted } = window
  const later: Expression = {
    kind: 'call',
    function: 'gte',
    arguments: [
      { kind: 'column', name: time },
      { kind: 'literal', type: 'timestamp', value: from },
    ],
  }
  const both: Expression = where === undefined ? later : { kind: 'call', function: 'and', arguments: [later, where] }
  return { ...feature, window: { ...shifted, kind: 'lifetime' }, where: both }
}

/** NaN where a window's beginning is no fixed time before its end. */
function lengthOf(window: Window): number {
  if (window.kind === 'lifetime') return Number.POSITIVE_INFINITY
  return window.kind === 'exact' || window.kind === 'hop' ? window.length : Number.NaN
}

/** Where a window begins, if it does so at a time of its own. */
function fixedBegin(window: Window): ((end: number) => number) | undefined {
  const { kind } = window
  return kind === 'lifetime' || kind === 'session' || kind === 'rows' ? undefined : beginOf(window)
}

import { calendarUnits } from '../../src/core/calendar-unit.ts'
import type { Value } from '../../src/core/data-type.ts'
import type { Random } from '../../src/core/random.ts'
import type { Aggregate, AggregateParameters, Takes } from '../../src/language/aggregate/aggregate.ts'
import { aggregateNames, aggregates } from '../../src/language/aggregate/registry.ts'
import type {
  FeatureDefinition,
  FeaturesDefinition,
  StreamDefinition,
  Window,
} from '../../src/language/define/definitions.ts'
import { longest } from '../../src/language/define/window.ts'
import type { Expression } from '../../src/language/expr/expression.ts'
import type { LawCase, LawQuery } from './law-case.ts'
import type { LawEvent } from './oracle.ts'

/**
 * Definitions, logs and queries from small domains, with ties, zeros, nulls and edges, so that rare faults are hit:
 * times are a few dozen steps of one unit, windows a few steps long, values mostly from short lists.
 */
export function generateCase(random: Random): LawCase {
  const scale = timeScale(random)
  const stream = generateStream(random, scale)
  const events = generateEvents(random, scale)
  return {
    stream,
    definition: generateDefinition(random, scale),
    events,
    queries: generateQueries(random, events, scale),
    salt: random.integer(2 ** 32),
  }
}

interface TimeScale {
  readonly start: number
  readonly unit: number
}

function timeScale(random: Random): TimeScale {
  const [start, unit] = pick(random, [
    [0, 1],
    [-7, 1],
    [980_000_000_000_000, 60_000_000],
    [980_000_000_000_123, 3_600_000_000],
    [2 ** 53 - 400, 1],
    // Where clocks change in spring and in autumn.
    [986_050_800_000_000, 3_600_000_000],
    [1_004_180_400_000_000, 3_600_000_000],
  ] as const)
  return { start, unit }
}

const STEPS = 40

function generateStream(random: Random, { unit }: TimeScale): StreamDefinition {
  return {
    kind: 'stream',
    name: 'things',
    schema: {
      key: { type: 'string' },
      at: { type: 'timestamp' },
      whole: { type: 'int', nullable: true },
      number: { type: 'number', nullable: true },
      money: { type: 'decimal', scale: 2, nullable: true },
      flag: { type: 'bool', nullable: true },
      text: { type: 'string', nullable: true },
      order: { type: 'int', nullable: true },
    },
    key: ['key'],
    id: ['key', 'at'],
    time: 'at',
    ...(random.next() < 0.4 ? { sequence: 'order' } : {}),
    knownAt: { lag: 0 },
    ahead: 2 * unit,
    corrections: { within: pick(random, [0, 5, 20]) * unit },
  }
}

const wholes = [0, 0, 1, 1, 2, -1, -3, 7, 2 ** 53 - 1, -(2 ** 53 - 1), 94_906_267]
const numbers = [
  0,
  0,
  1,
  -1,
  0.1,
  0.2,
  0.3,
  -0.1,
  1 / 3,
  1e16,
  -1e16,
  1 + 2 ** -52,
  2 ** 53,
  2 ** -53,
  2 ** -200,
  -(2 ** -200),
  2 ** 200,
  -(2 ** 200),
]
const texts = ['', 'a', 'b', 'ab', '\u00e9', '\uffee', '\u{1f600}']

type Row = Omit<LawEvent, 'knownAt' | 'position'>

function generateEvents(random: Random, { start, unit }: TimeScale): readonly LawEvent[] {
  const count = random.integer(4) === 0 ? random.integer(90) : random.integer(25)
  const entities = pick(random, [['a'], ['a', 'b'], ['a', 'b', 'c']])
  const lateShare = pick(random, [0, 0, 0.2, 0.8])
  const nullShare = pick(random, [0, 0.2, 0.7])
  const revisedShare = pick(random, [0, 0, 0.1, 0.3, 0.6])
  const events: LawEvent[] = []
  const revisions = new Map<string, Set<number>>()
  let step = 0
  for (let position = 0; position < count; position++) {
    if (random.integer(3) > 0) step = Math.min(STEPS, step + random.integer(4))
    const back = random.next() < lateShare ? random.integer(12) : 0
    const eventTime = start + (step - back) * unit + (random.integer(4) === 0 ? random.integer(3) - 1 : 0)
    const fresh: Row = {
      id: `${pick(random, texts)}${pick(random, texts)}-${position}`,
      revision: random.integer(8) === 0 ? random.integer(4) : 0,
      tombstone: random.next() < revisedShare / 8,
      entity: pick(random, entities),
      eventTime,
      values: generateValues(random, eventTime, nullShare),
    }
    const isRevision = events.length > 0 && random.next() < revisedShare
    const row = isRevision ? generateRevision(random, pick(random, events), fresh, revisions) : fresh
    const known = revisions.get(row.id) ?? new Set()
    revisions.set(row.id, known.add(row.revision))
    events.push({ ...row, knownAt: start + step * unit + 1, position })
  }
  return events
}

/** Another revision of an event, higher or lower than those before it: what it says is old or new, part by part. */
function generateRevision(
  random: Random,
  old: LawEvent,
  fresh: Row,
  revisions: ReadonlyMap<string, ReadonlySet<number>>,
): Row {
  const used = revisions.get(old.id) as ReadonlySet<number>
  const highest = Math.max(...used)
  const gaps = Array.from({ length: highest }, (_, revision) => revision).filter((revision) => !used.has(revision))
  const eventTime = random.integer(3) === 0 ? fresh.eventTime : old.eventTime
  const { values } = random.integer(3) === 0 ? old : fresh
  return {
    id: old.id,
    revision: gaps.length > 0 && random.integer(2) === 0 ? pick(random, gaps) : highest + 1 + random.integer(3),
    tombstone: random.integer(4) === 0,
    entity: random.integer(4) === 0 ? fresh.entity : old.entity,
    eventTime,
    values: { ...values, at: eventTime },
  }
}

function generateValues(random: Random, eventTime: number, nullShare: number): LawEvent['values'] {
  const orNull = (value: Value): Value => (random.next() < nullShare ? null : value)
  return {
    key: 'key',
    at: eventTime,
    whole: orNull(pick(random, wholes)),
    number: orNull(generateNumber(random)),
    money: orNull(pick(random, wholes)),
    flag: orNull(random.integer(2) === 0),
    text: orNull(pick(random, texts)),
    order: orNull(random.integer(3)),
  }
}

function generateNumber(random: Random): number {
  if (random.integer(3) > 0) return pick(random, numbers)
  const size = (1 + random.next()) * 2 ** (random.integer(120) - 60)
  return random.integer(2) === 0 ? size : -size
}

function generateQueries(random: Random, events: readonly LawEvent[], { start, unit }: TimeScale): readonly LawQuery[] {
  return Array.from({ length: 1 + random.integer(12) }, () => {
    const near = events.length > 0 && random.integer(2) === 0 ? pick(random, events).eventTime : undefined
    const edge = near === undefined ? random.integer(STEPS + 15) * unit + start : near + random.integer(6) * unit
    return {
      entity:
        random.integer(12) === 0 ? 'never seen' : (events.length > 0 ? pick(random, events) : { entity: 'a' }).entity,
      t: edge + random.integer(3) - 1,
      cut:
        random.integer(3) === 0
          ? random.integer(events.length + 1)
          : events.length - random.integer(Math.min(4, events.length + 1)),
    }
  })
}

const column = (name: string): Expression => ({ kind: 'column', name })

function generateDefinition(random: Random, scale: TimeScale): FeaturesDefinition {
  const windows = Array.from({ length: 1 + random.integer(3) }, () => {
    const window = windowOf[pick(random, windowKinds)](random, scale)
    return random.integer(4) === 0 ? { ...window, delay: (1 + random.integer(6)) * scale.unit } : window
  })
  const wheres = Array.from({ length: 2 }, () => generateWhere(random))
  const count = 1 + random.integer(6)
  const select = Object.fromEntries(
    Array.from({ length: count }, (_, index) => {
      const where = random.integer(3) === 0 ? pick(random, wheres) : undefined
      const feature = generateFeature(random, pick(random, windows), scale)
      return [`feature_${index}`, where === undefined ? feature : { ...feature, where }]
    }),
  )
  const reach = longest(windows)
  return {
    kind: 'features',
    name: 'about_things',
    entity: 'thing',
    from: 'things',
    keys: { thing: 'key' },
    select,
    horizon: reach === 'lifetime' || random.integer(10) === 0 ? 'lifetime' : reach + random.integer(2) * 5 * scale.unit,
    expect: [],
  }
}

/** A window of each kind; those that are listed twice come twice as often. */
const windowKinds: readonly Window['kind'][] = [
  'lifetime',
  'hop',
  'hop',
  'exact',
  'exact',
  'since',
  'calendar',
  'session',
  'rows',
]
const windowOf: Readonly<Record<Window['kind'], (random: Random, scale: TimeScale) => Window>> = {
  lifetime: () => ({ kind: 'lifetime' }),
  hop: (random, { unit }) => {
    const hop = (1 + random.integer(4)) * unit
    return { kind: 'hop', length: hop * (1 + random.integer(4)), hop }
  },
  exact: (random, { unit }) => ({ kind: 'exact', length: Math.max(1, random.integer(4) * random.integer(7) * unit) }),
  since: (random, { start, unit }) => ({ kind: 'since', from: start + random.integer(STEPS) * unit }),
  calendar: (random, { start }) => {
    const zone = pick(random, zones)
    // A wall clock east of Greenwich shows no time that a double holds exactly just before 2^53.
    return { kind: 'calendar', unit: pick(random, calendarUnits), zone: start > 2 ** 52 ? 'UTC' : zone }
  },
  session: (random, { unit }) => {
    const gap = (1 + random.integer(4)) * unit
    return { kind: 'session', gap, maximum: gap * (1 + random.integer(6)) }
  },
  rows: (random, { unit }) => ({ kind: 'rows', rows: 1 + random.integer(6), within: (1 + random.integer(30)) * unit }),
}
/** Clocks that change, by an hour and by half of one, and one that is no whole number of hours from UTC. */
const zones = ['UTC', 'America/Chicago', 'Europe/Berlin', 'Australia/Lord_Howe', 'Asia/Kolkata']

function generateWhere(random: Random): Expression {
  const literal = (type: 'int' | 'string', value: Value): Expression => ({ kind: 'literal', type, value })
  const wheres: readonly Expression[] = [
    column('flag'),
    { kind: 'call', function: 'gt', arguments: [column('whole'), literal('int', 0)] },
    { kind: 'call', function: 'isNull', arguments: [column('number')] },
    { kind: 'call', function: 'eq', arguments: [column('text'), literal('string', 'a')] },
  ]
  return pick(random, wheres)
}

const numeric: readonly Expression[] = [
  column('whole'),
  column('number'),
  column('number'),
  column('money'),
  {
    kind: 'call',
    function: 'coalesce',
    arguments: [column('number'), { kind: 'literal', type: 'number', value: 0.1 }],
  },
  choice(column('flag'), column('whole'), column('number')),
]
const ordered: readonly Expression[] = [
  ...numeric,
  column('at'),
  { kind: 'call', function: 'subtract', arguments: [column('at'), column('at')] },
]
const any: readonly Expression[] = [
  ...ordered,
  column('text'),
  column('text'),
  choice(column('flag'), column('text'), { kind: 'literal', type: 'string', value: 'a' }),
  column('flag'),
]

const bools: readonly Expression[] = [
  column('flag'),
  { kind: 'call', function: 'gt', arguments: [column('number'), column('whole')] },
  choice({ kind: 'call', function: 'isNull', arguments: [column('whole')] }, column('flag')),
]

/** Arguments by what an aggregate takes. */
const takes: Readonly<Record<Takes, readonly (Expression | undefined)[]>> = {
  rows: [undefined],
  numbers: numeric,
  ordered,
  bools,
  values: any,
}

function choice(...given: readonly Expression[]): Expression {
  return { kind: 'call', function: 'if', arguments: given }
}

function generateFeature(random: Random, window: Window, { unit }: TimeScale): FeatureDefinition {
  const name = pick(random, aggregateNames)
  const aggregate: Aggregate = aggregates[name]
  const argument = pick(random, takes[aggregate.takes])
  const all = generateParameters(random, unit)
  const parameters = aggregate.parameters?.map((parameter) => [parameter, all[parameter]])
  return {
    aggregate: name,
    window,
    // The kernel does not look at the type of the value.
    type: 'number',
    ...(argument === undefined ? {} : { argument }),
    ...(parameters === undefined ? {} : { parameters: Object.fromEntries(parameters) }),
  }
}

function generateParameters(random: Random, unit: number): Required<AggregateParameters> {
  const edges = pick(random, [[0], [-1, 0, 1], [0.1, 0.3, 2 ** 53]])
  const weights = Array.from({ length: 1 + random.integer(8) }, (_, age) => (random.integer(9) === 0 ? 0 : 0.7 ** age))
  return {
    nth: 1 + random.integer(4),
    quantile: pick(random, [0, 0.1, 0.5, 0.9, 1]),
    precision: 4 + random.integer(3),
    edges,
    bucket: random.integer(edges.length + 1),
    per: (1 + random.integer(3)) * unit,
    hop: (1 + random.integer(4)) * unit,
    weights,
  }
}

function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[random.integer(items.length)] as Item
}

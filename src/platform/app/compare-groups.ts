import { canonicalJson } from '../../core/canonical.ts'
import type { DefinedGroup } from '../../data/features/feature-engine.ts'
import type { RecomputedVectors, RecordedQuestions } from '../../data/features/recompute-vectors.ts'
import { statusNames } from '../../kernel/status.ts'
import { valueAt } from '../../stores/log/event-batch.ts'
import type { FeatureComparison, GroupComparison } from '../api/definition-answers.ts'
import type { Parts } from './assemble-platform.ts'
import type { PastVectors } from './past-vectors.ts'
import { planOfGroup } from './plan-of-group.ts'
import { shownValue } from './predicting.ts'

/** Moments at which two definitions are compared, spread evenly over the log. */
const MOST_MOMENTS = 2000
const MOST_EXAMPLES = 3

/**
 * Compares two definitions of a group value by value: at moments spread over the log, each just after an event, for the
 * event's own entity, as either would have been served then.
 */
export async function compareGroups(
  parts: Parts,
  past: PastVectors,
  before: DefinedGroup,
  after: DefinedGroup,
): Promise<GroupComparison> {
  const asked = await momentsOf(parts, after)
  const [old, now] = [await read(parts, past, before, asked), await read(parts, past, after, asked)]
  const names = [...new Set([...Object.keys(before.definition.select), ...Object.keys(after.definition.select)])]
  return {
    moments: asked.length,
    features: names.toSorted().map((name) => compareFeature(name, asked, old.get(name), now.get(name))),
  }
}

interface Column {
  readonly values: Float64Array
  readonly statuses: Uint8Array
  shown(value: number): FeatureComparison['examples'][number]['before']
}

/** Just after events that lie evenly in the log: the key of each, and what was seen by then. */
async function momentsOf(
  { lake, log }: Parts,
  { definition, stream, entity }: DefinedGroup,
): Promise<RecordedQuestions> {
  const names = Object.keys(stream.schema)
  const columns = Object.keys(entity.key)
  const places = columns.map((column) => names.indexOf(definition.keys[column] ?? column))
  const types = places.map((place) => stream.schema[names[place]!]!.type)
  const rows: string[] = []
  const times: number[] = []
  const offsets: number[] = []
  const stride = Math.max(1, Math.floor(log.conservation(stream.name).accepted / MOST_MOMENTS))
  let seen = 0
  for await (const batch of lake.scanEvents(stream.name))
    for (let row = 0; row < batch.length; row += 1) {
      seen += 1
      if (seen % stride !== 0) continue
      const key = places.map((place, field) => valueAt(batch.columns[place]!, row, types[field]!))
      if (key.includes(null)) continue
      rows.push(canonicalJson(Object.fromEntries(columns.map((column, field) => [column, key[field]]))))
      times.push(Math.max(batch.knownAt[row]!, batch.eventTime[row]!) + 1)
      offsets.push(batch.offset[row]!)
    }
  return { length: rows.length, rows, t: Float64Array.from(times), offsets: [Float64Array.from(offsets)] }
}

async function read(
  { project, engine }: Parts,
  past: PastVectors,
  group: DefinedGroup,
  asked: RecordedQuestions,
): Promise<Map<string, Column>> {
  const { definition, stream, entity } = group
  const plan = planOfGroup(definition, entity)
  const own = {
    ...project,
    streams: { ...project.streams, [stream.name]: stream },
    entities: { ...project.entities, [entity.name]: entity },
  }
  const { dictionary } = engine
  const nothing: RecomputedVectors = { values: plan.inputs.map(() => new Float64Array(0)), statuses: [] }
  const vectors =
    asked.length === 0 ? nothing : await past.read({ plan, project: own, schema: entity.key }, asked, dictionary)
  return new Map(
    plan.inputs.map((input, index) => [
      input.name,
      {
        values: vectors.values[index]!,
        statuses: vectors.statuses[index] ?? new Uint8Array(0),
        shown: (value) => (Number.isNaN(value) ? null : shownValue(value, input, dictionary.textOf)),
      },
    ]),
  )
}

function compareFeature(
  feature: string,
  asked: RecordedQuestions,
  before: Column | undefined,
  after: Column | undefined,
): FeatureComparison {
  if (before === undefined || after === undefined)
    return { feature, change: before === undefined ? 'added' : 'removed', equal: 0, different: 0, examples: [] }
  let equal = 0
  let numbers = 0
  let total = 0
  let largest = 0
  const examples: FeatureComparison['examples'][number][] = []
  for (let row = 0; row < asked.length; row += 1) {
    const [old, now] = [before.values[row]!, after.values[row]!]
    const [oldStatus, nowStatus] = [before.statuses[row]!, after.statuses[row]!]
    if (Object.is(old, now) && oldStatus === nowStatus) {
      equal += 1
      continue
    }
    const difference = Math.abs(now - old)
    if (!Number.isNaN(difference)) {
      numbers += 1
      total += difference
      largest = Math.max(largest, difference)
    }
    if (examples.length < MOST_EXAMPLES)
      examples.push({
        key: JSON.parse(asked.rows[row]!) as Record<string, unknown>,
        t: asked.t[row]!,
        before: before.shown(old),
        after: after.shown(now),
        statuses: [statusNames[oldStatus]!, statusNames[nowStatus]!],
      })
  }
  return {
    feature,
    change: equal === asked.length ? 'same' : 'differs',
    equal,
    different: asked.length - equal,
    ...(numbers === 0 ? {} : { meanDifference: total / numbers, largestDifference: largest }),
    examples,
  }
}

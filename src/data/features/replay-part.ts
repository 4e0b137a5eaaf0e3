import { type GroupPlan, planGroup } from '../../kernel/plan.ts'
import { replayGroup, type VectorColumns } from '../../kernel/replay.ts'
import type { FeaturesDefinition, StreamDefinition } from '../../language/define/definitions.ts'
import type { Dictionary } from '../../language/expr/dictionary.ts'
import { createParquet } from '../../stores/lake/parquet/parquet-writer.ts'
import { type ArrangedRows, groupByEntity, type ReadRows, rowsBelow, sortTimes } from './arrange.ts'
import { vectorFields } from './vector-fields.ts'

/** Whole entities to be replayed: their events and the questions about them, in memory that threads can share. */
export interface ReplayPart {
  readonly definition: FeaturesDefinition
  readonly stream: StreamDefinition
  /** Columns: event time, when the row becomes visible, when it is hidden, then those of the stream that `places` names. */
  readonly events: ReadRows
  /** Whether rows are superseded; else there is no column that says when they are hidden. */
  readonly isRevised: boolean
  /** Whether the events of an entity are in their order already. */
  readonly isOrdered: boolean
  /** Places in the stream's schema of the columns of values. */
  readonly places: readonly number[]
  /** Columns: t, ordinal, the cut. */
  readonly queries: ReadRows
  readonly answers: ReplayAnswers
}

/** Where answers go: into columns at their rows' ordinals, or to a Parquet file for each range, whose names begin so. */
export type ReplayAnswers =
  | { readonly to: 'columns'; readonly output: VectorColumns }
  | { readonly to: 'files'; readonly path: string }

/** Entities [from, to) of a part. */
export interface ReplayRange {
  /** Among the ranges of the part. */
  readonly index: number
  readonly from: number
  readonly to: number
}

/** Questions that are answered together, if they are of several entities: few enough for the processor's cache. */
const QUESTIONS_AT_ONCE = 32_768

/** Arranges the rows of a range, and answers its questions. */
export function replayRange(part: ReplayPart, range: ReplayRange, dictionary: Dictionary): void {
  const { definition, stream, answers } = part
  const events = groupByEntity(part.events, range.from, range.to)
  const queries = groupByEntity(part.queries, range.from, range.to)
  if (!part.isOrdered) sortTimes(events)
  sortTimes(queries)
  const plan = planGroup(definition, stream, dictionary)
  const blocks = [...blocksOf(events, queries)]
  const answer = (block: Block, rows: Uint32Array, output: VectorColumns) =>
    replayBlock(part, plan, { events, queries }, block, rows, output)
  if (answers.to === 'columns') {
    const ordinals = new Uint32Array(queries.columns[1]!)
    for (const block of blocks) answer(block, ordinals.subarray(...block.queries), answers.output)
  } else writeAnswers(`${answers.path}-${range.index}.parquet`, definition, plan, queries, blocks, answer)
}

/** Whole entities of a range, by the places of their rows. */
interface Block {
  readonly events: readonly [from: number, to: number]
  readonly queries: readonly [from: number, to: number]
}

/** Cuts a range between entities. */
function* blocksOf(events: ArrangedRows, queries: ArrangedRows): Generator<Block> {
  let event = 0
  let query = 0
  while (query < queries.count) {
    const [firstEvent, firstQuery] = [event, query]
    while (query < queries.count && query - firstQuery < QUESTIONS_AT_ONCE) {
      const entity = queries.entities[query]!
      while (query < queries.count && queries.entities[query] === entity) query += 1
    }
    const last = queries.entities[query - 1]!
    while (event < events.count && events.entities[event]! <= last) event += 1
    yield { events: [firstEvent, event], queries: [firstQuery, query] }
  }
}

function replayBlock(
  { isRevised, places, stream }: ReplayPart,
  plan: GroupPlan,
  rows: { readonly events: ArrangedRows; readonly queries: ArrangedRows },
  block: Block,
  placesInOutput: Uint32Array,
  output: VectorColumns,
): void {
  const [times, visibleAt, ...others] = rows.events.columns.map((column) => column.subarray(...block.events)) as [
    Float64Array,
    Float64Array,
    ...Float64Array[],
  ]
  const hiddenAt = isRevised ? others.shift() : undefined
  const [askedTimes, , cuts] = rows.queries.columns.map((column) => column.subarray(...block.queries)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  const unread = new Float64Array(0)
  replayGroup(
    plan,
    {
      count: times.length,
      entities: rows.events.entities.subarray(...block.events),
      times,
      visibleAt,
      ...(hiddenAt === undefined ? {} : { hiddenAt }),
      columns: Object.keys(stream.schema).map((_, place) => others[places.indexOf(place)] ?? unread),
    },
    {
      count: askedTimes.length,
      entities: rows.queries.entities.subarray(...block.queries),
      times: askedTimes,
      cuts,
      rows: placesInOutput,
    },
    output,
  )
}

/** Answers block after block into the same memory, and writes each to the file before the next. */
function writeAnswers(
  path: string,
  definition: FeaturesDefinition,
  { features }: GroupPlan,
  queries: ArrangedRows,
  blocks: readonly Block[],
  answer: (block: Block, rows: Uint32Array, output: VectorColumns) => void,
): void {
  const most = blocks.reduce((rows, { queries: [from, to] }) => Math.max(rows, to - from), 0)
  const places = Uint32Array.from({ length: most }, (_, place) => place)
  const values = features.map(() => new Float64Array(most))
  const statuses = features.map(() => new Uint8Array(most))
  const file = createParquet(path, vectorFields(definition))
  try {
    for (const block of blocks) {
      const ordinals = queries.columns[1]!.subarray(...block.queries)
      answer(block, places.subarray(0, ordinals.length), { values, statuses })
      file.write([ordinals, ...values], ordinals.length)
    }
    file.end()
  } finally {
    file.close()
  }
}

/** Cuts a part into at most `most` ranges of about as many rows each. */
export function rangesOf({ events, queries }: Pick<ReplayPart, 'events' | 'queries'>, most: number): ReplayRange[] {
  const entities = Math.max(events.starts.length, queries.starts.length) - 1
  const before = (entity: number) => rowsBelow(events, entity) + rowsBelow(queries, entity)
  const all = before(entities)
  const ranges: ReplayRange[] = []
  let from = 0
  for (let entity = 1; entity <= entities; entity++) {
    const isWhole = before(entity) * most >= all * (ranges.length + 1)
    if (!isWhole && entity < entities) continue
    if (before(entity) > before(from)) ranges.push({ index: ranges.length, from, to: entity })
    from = entity
  }
  return ranges
}

import { allAtOnce, type Steps } from '../../core/slices.ts'
import { planGroup } from '../../kernel/plan.ts'
import { type AnswerColumns, createReplay, type EventColumns, type VectorColumns } from '../../kernel/replay.ts'
import type { FeaturesDefinition, StreamDefinition } from '../../language/define/definitions.ts'
import type { Dictionary } from '../../language/expr/dictionary.ts'
import { createParquet } from '../../stores/lake/parquet/parquet-writer.ts'
import { type ArrangedRows, createArrange } from './arrange.ts'
import { type ReadRows, rowsWithin } from './row-buckets.ts'
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

/** Buckets [from, to) of a part. */
export interface ReplayRange {
  /** Among the ranges of the part. */
  readonly index: number
  readonly from: number
  readonly to: number
}

/** Questions that are answered together, if they are of several buckets: few enough for the processor's cache. */
const QUESTIONS_AT_ONCE = 32_768

/** Arranges the rows of a range, and answers its questions. */
export function replayRange(part: ReplayPart, range: ReplayRange, dictionary: Dictionary): void {
  allAtOnce(replaySteps(part, range, dictionary))
}

/** The same in steps, each of some questions; who has other things to do takes `most` for fewer. */
export function* replaySteps(
  part: ReplayPart,
  range: ReplayRange,
  dictionary: Dictionary,
  most = QUESTIONS_AT_ONCE,
): Steps<void> {
  const { definition, stream, answers } = part
  const replay = createReplay(planGroup(definition, stream, dictionary))
  const answer = ({ events, queries }: Block, output: AnswerColumns, rows?: Uint32Array) => {
    const { count, entities } = queries
    const [times, , cuts] = queries.columns as [Float64Array, Float64Array, Float64Array]
    const asked = { count, entities, times, cuts, ...(rows === undefined ? {} : { rows }) }
    replay(eventColumns(part, events), asked, output)
  }
  if (answers.to === 'files') {
    writeAnswers(`${answers.path}-${range.index}.parquet`, part, range, answer)
    return
  }
  for (const block of blocksOf(part, range, most)) {
    answer(block, answers.output, new Uint32Array(ordinalsOf(block)))
    yield
  }
}

/** Whole entities of a range whose questions are answered together. */
interface Block {
  readonly events: ArrangedRows
  readonly queries: ArrangedRows
}

/** Arranges block after block; one is there until the next. */
function* blocksOf(part: ReplayPart, range: ReplayRange, most = QUESTIONS_AT_ONCE): Generator<Block> {
  const arrangeEvents = createArrange(part.events, part.isOrdered)
  const arrangeQueries = createArrange(part.queries, false)
  for (const [from, to] of boundsOfBlocks(part.queries, range, most))
    yield { events: arrangeEvents(from, to), queries: arrangeQueries(from, to) }
}

/** Cuts a range between buckets, without those that nobody asks about. */
function boundsOfBlocks(queries: ReadRows, { from, to }: ReplayRange, most: number): [from: number, to: number][] {
  const bounds: [from: number, to: number][] = []
  let first = from
  for (let bucket = from + 1; bucket <= to; bucket++) {
    if (bucket < to && rowsWithin(queries, first, bucket + 1) <= most) continue
    if (rowsWithin(queries, first, bucket) > 0) bounds.push([first, bucket])
    first = bucket
  }
  return bounds
}

const unread = new Float64Array(0)

function eventColumns(
  { isRevised, places, stream }: ReplayPart,
  { count, entities, columns }: ArrangedRows,
): EventColumns {
  const [times, visibleAt, ...others] = columns as [Float64Array, Float64Array, ...Float64Array[]]
  const hiddenAt = isRevised ? others.shift() : undefined
  return {
    ...{ count, entities, times, visibleAt },
    ...(hiddenAt === undefined ? {} : { hiddenAt }),
    columns: Object.keys(stream.schema).map((_, place) => others[places.indexOf(place)] ?? unread),
  }
}

function ordinalsOf({ queries: { count, columns } }: Block): Float64Array {
  return columns[1]!.subarray(0, count)
}

/** Answers block after block into the same memory, and writes each to the file before the next. */
function writeAnswers(
  path: string,
  part: ReplayPart,
  range: ReplayRange,
  answer: (block: Block, output: AnswerColumns) => void,
): void {
  const most = boundsOfBlocks(part.queries, range, QUESTIONS_AT_ONCE).reduce(
    (rows, [from, to]) => Math.max(rows, rowsWithin(part.queries, from, to)),
    0,
  )
  const values = Object.keys(part.definition.select).map(() => new Float64Array(most))
  const file = createParquet(path, vectorFields(part.definition))
  try {
    for (const block of blocksOf(part, range)) {
      const ordinals = ordinalsOf(block)
      answer(block, { values })
      file.write([ordinals, ...values], ordinals.length)
    }
    file.end()
  } finally {
    file.close()
  }
}

/** Cuts a part into at most `most` ranges of about as many rows each. */
export function rangesOf({ events, queries }: Pick<ReplayPart, 'events' | 'queries'>, most: number): ReplayRange[] {
  const buckets = events.starts.length - 1
  const before = (bucket: number) => rowsWithin(events, 0, bucket) + rowsWithin(queries, 0, bucket)
  const all = before(buckets)
  const ranges: ReplayRange[] = []
  let from = 0
  for (let bucket = 1; bucket <= buckets; bucket++) {
    const isWhole = before(bucket) * most >= all * (ranges.length + 1)
    if (!isWhole && bucket < buckets) continue
    if (before(bucket) > before(from)) ranges.push({ index: ranges.length, from, to: bucket })
    from = bucket
  }
  return ranges
}

import { availableParallelism } from 'node:os'
import type { DuckDBConnection } from '@duckdb/node-api'
import { type GroupPlan, planGroup } from '../../kernel/plan.ts'
import type { VectorColumns } from '../../kernel/replay.ts'
import { UNKNOWN_KEY } from '../../kernel/status.ts'
import type { ReplayPart } from './replay-part.ts'
import { type EntitiesAsked, readParts } from './replay-parts.ts'
import { placesRead, type ReplayRelations } from './replay-relations.ts'
import { type ReplayThreads, startReplayThreads } from './replay-threads.ts'
import { sharedStatuses, sharedValues } from './shared-columns.ts'

/** A group of features to be computed for every row of a table, as of what each row may see. */
export interface ReplayRequest extends ReplayRelations {
  /** Asking rows there are. */
  readonly rows: number
  /** Most events and rows in memory at once; 12 million unless given. */
  readonly mostAtOnce?: number
  /** That are answered from one turn of the event loop to the next, for who has other things to do. */
  readonly questionsAtOnce?: number
  /** As many as the machine has, and at most 8, unless given. */
  readonly threads?: number
  /** Threads that were started for several replays, instead of some of its own. */
  readonly workers?: ReplayThreads
}

/** Events and rows that are in memory at once; more are taken entity by entity in parts. */
export const MOST_AT_ONCE = 12_000_000

/** More would wait for memory rather than compute. */
const MOST_THREADS = 8

/** How many threads replay when nothing else is said. */
export function usualThreads(): number {
  return Math.min(MOST_THREADS, availableParallelism())
}

/**
 * Replays a group of features: DuckDB finds the entities asked about and reads their events and the questions, and the
 * kernel answers. Memory is that of the answers and of a part of the entities.
 */
export async function replayFeatures(connection: DuckDBConnection, request: ReplayRequest): Promise<VectorColumns> {
  const {
    definition,
    stream,
    dictionary,
    rows,
    mostAtOnce = MOST_AT_ONCE,
    threads = usualThreads(),
    questionsAtOnce,
  } = request
  const plan = planGroup(definition, stream, dictionary)
  const output = emptyOutput(plan, rows)
  const workers = request.workers ?? startReplayThreads(rows, threads, questionsAtOnce)
  try {
    for await (const asked of readParts(connection, request, { ordersTies: plan.ordersTies, rows, mostAtOnce }))
      await workers.replay({ ...partOf(request, plan, asked), answers: { to: 'columns', output } }, dictionary)
  } finally {
    if (request.workers === undefined) await workers.stop()
  }
  return output
}

/** A part of a replay, but for where its answers go. */
export function partOf(request: ReplayRequest, plan: GroupPlan, asked: EntitiesAsked): Omit<ReplayPart, 'answers'> {
  const { definition, stream, hiddenAt } = request
  return {
    ...asked,
    definition,
    stream,
    isOrdered: plan.ordersTies,
    isRevised: hiddenAt !== undefined,
    places: placesRead(definition, stream),
  }
}

/** What a row reads whose entity nobody knows; the kernel writes over the others. In memory that threads can share. */
export function emptyOutput(plan: GroupPlan, rows: number): VectorColumns {
  return {
    values: plan.features.map(({ empty }) => sharedValues(rows).fill(empty)),
    statuses: plan.features.map(() => sharedStatuses(rows).fill(UNKNOWN_KEY)),
  }
}

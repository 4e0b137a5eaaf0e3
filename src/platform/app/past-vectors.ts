import { TruelineError } from '../../core/errors.ts'
import { oneAtATime } from '../../core/one-at-a-time.ts'
import {
  type RecomputedVectors,
  type RecordedQuestions,
  recomputeVectors,
  type VectorMeaning,
} from '../../data/features/recompute-vectors.ts'
import { sequencesOf } from '../../data/features/vector.ts'
import type { Dictionary } from '../../language/expr/dictionary.ts'
import { openDuckdb } from '../../stores/lake/duckdb.ts'
import type { Lake } from '../../stores/lake/lake.ts'
import type { TailExtent } from './tail-extent.ts'

/** Answers questions about times that the live state no longer reaches. */
export interface PastVectors {
  /**
   * Makes vectors from the history as of the positions asked about, one call at a time.
   * @param told see `recomputeVectors`
   * @throws TruelineError `overloaded` when too many calls wait
   */
  read(meaning: VectorMeaning, asked: RecordedQuestions, told?: Dictionary): Promise<RecomputedVectors>
}

const MOST_WAITING = 64

/** Reads the past from the lake, where the log's tail goes first when it holds anything of that time. */
export function createPastVectors({ lake, tail }: { readonly lake: Lake; readonly tail: TailExtent }): PastVectors {
  const inTurn = oneAtATime()
  let waiting = 0

  async function recompute(...[meaning, asked, told]: Parameters<PastVectors['read']>): Promise<RecomputedVectors> {
    const newest = asked.t.reduce((latest, time) => Math.max(latest, time), Number.NEGATIVE_INFINITY)
    const streams = new Set(sequencesOf(meaning.plan).map(({ stream }) => stream))
    if ([...streams].some((stream) => tail.mayHold(stream, newest))) await lake.flush()
    const duckdb = await openDuckdb({ threads: 1, temporaryFolder: lake.temporaryFolder })
    try {
      return await duckdb.withConnection((connection) =>
        recomputeVectors(connection, meaning, asked, (stream) => lake.files(stream).map(({ path }) => path), told),
      )
    } finally {
      duckdb.close()
    }
  }

  return {
    async read(...question) {
      if (waiting >= MOST_WAITING)
        throw new TruelineError('overloaded', `${waiting} questions about the past wait for their answer.`)
      waiting += 1
      try {
        return await inTurn(() => recompute(...question))
      } finally {
        waiting -= 1
      }
    },
  }
}

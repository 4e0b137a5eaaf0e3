import type { SQLInputValue } from 'node:sqlite'
import type { Clock } from '../../core/clock.ts'
import type { CommitQueue } from './commit-queue.ts'
import type { PredictionLayout } from './prediction-block.ts'
import type { PredictionFile, PredictionTable, PredictionTail, Removal, StoredBlock } from './prediction-file.ts'

type Read = <Row>(sql: string, ...parameters: SQLInputValue[]) => Row[]

/** Predictions dropped in one step, so that no commit waits long behind it, and blocks of any size. */
const TRIM_ROWS = 20_000
const TRIM_BLOCKS = 500

interface PredictionTableParts {
  readonly all: Read
  readonly queue: CommitQueue
  readonly clock: Clock
}

const columns = `path, layout, "rows", bytes, digest, first_block AS firstBlock, last_block AS lastBlock,
  first_sequence AS firstSequence, last_sequence AS lastSequence, first_t AS firstT, last_t AS lastT,
  first_served_at AS firstServedAt, last_served_at AS lastServedAt`

/** The order in which blocks became durable; what an older version wrote is in the order of the numbers. */
export const SEQUENCE = 'coalesce(sequence, number)'

/** The predictions of a log's own table on their way to the lake. */
export function createPredictionTable({ all, queue, clock }: PredictionTableParts): PredictionTable {
  let movedSequence = all<{ value: number }>("SELECT value FROM state WHERE name = 'moved_sequence'")[0]!.value
  let files = all<StoredFile>(
    `SELECT ${columns} FROM prediction_files WHERE removed_at IS NULL ORDER BY first_sequence`,
  ).map(fileOf)

  /** Of each version that files were removed of, by its name, how far: whoever follows the log asks every second. */
  const removed = new Map<string, RemovedLane>()
  function noteRemoved(lane: RemovedLane): void {
    const name = `${lane.version} ${lane.model}`
    removed.set(name, { ...lane, lastSequence: Math.max(lane.lastSequence, removed.get(name)?.lastSequence ?? -1) })
  }
  all<RemovedLane>(
    `SELECT model, version, max(last_sequence) AS lastSequence FROM prediction_files
     WHERE removed_at IS NOT NULL GROUP BY model, version`,
  ).forEach(noteRemoved)

  /** What is on record and could not be published: the same rows must not be moved again. */
  let unsettled: (() => Promise<void>) | undefined

  async function settle(): Promise<void> {
    await unsettled?.()
    unsettled = undefined
  }

  return {
    get movedSequence() {
      return movedSequence
    },
    tail() {
      const sql = `SELECT count(*) AS blocks, coalesce(sum(length), 0) AS "rows", coalesce(sum(bytes), 0) AS bytes,
        min(first_served_at) AS oldest, max(${SEQUENCE}) AS lastSequence FROM prediction_blocks WHERE ${SEQUENCE} > ?`
      const [sums] = all<{ [Name in keyof PredictionTail]: number | null }>(sql, movedSequence)
      const { oldest, lastSequence, blocks, rows, bytes } = sums!
      const counts = { blocks: blocks!, rows: rows!, bytes: bytes! }
      return { ...counts, oldest: oldest ?? undefined, lastSequence: lastSequence ?? movedSequence }
    },
    blocks: (limit) =>
      all<StoredBlock>(
        `SELECT number, ${SEQUENCE} AS sequence, model, version, length, first_served_at AS firstServedAt
         FROM prediction_blocks WHERE ${SEQUENCE} > ? ORDER BY ${SEQUENCE} LIMIT ?`,
        movedSequence,
        limit,
      ),
    lanes: (sequence) => all(`SELECT DISTINCT model, version FROM prediction_blocks WHERE ${SEQUENCE} >= ?`, sequence),
    files: () => files,
    removalOf: (block) =>
      all<Removal>(
        `SELECT removed_at AS removedAt, reason FROM prediction_files
         WHERE removed_at IS NOT NULL AND first_block <= ? AND last_block >= ? ORDER BY first_sequence LIMIT 1`,
        ...[block, block],
      )[0],
    removedRows({ model = null, by = 't', from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY }) {
      const ranges = timesOf[by].map((time) => `last_${time} >= ?2 AND first_${time} < ?3`)
      const sql = `SELECT coalesce(sum("rows"), 0) AS "rows" FROM prediction_files
        WHERE removed_at IS NOT NULL AND model = coalesce(?1, model) AND (${ranges.join(' OR ')})`
      return all<{ rows: number }>(sql, model, from, to)[0]!.rows
    },
    removedLanes: () => [...removed.values()],
    removedAfter({ model, version }, sequence) {
      const last = removed.get(`${version} ${model}`)?.lastSequence ?? -1
      if (last < sequence) return undefined
      const sql = `SELECT sum("rows") AS "rows" FROM prediction_files WHERE removed_at IS NOT NULL
        AND last_sequence >= ? AND model = ? AND version = ?`
      return { rows: all<{ rows: number }>(sql, sequence, model, version)[0]!.rows, lastSequence: last }
    },
    isRemoved: (path) =>
      all('SELECT 1 FROM prediction_files WHERE path = ? AND removed_at IS NOT NULL', path).length > 0,
    removals: () =>
      all(
        `SELECT model, reason, sum("rows") AS "rows" FROM prediction_files WHERE removed_at IS NOT NULL
         GROUP BY model, reason ORDER BY model, reason`,
      ),
    async record({ files: added, movedSequence: reached, publish }) {
      await queue.durable(queue.enqueue([{ kind: 'predictionFiles', files: added, movedSequence: reached }], 0))
      unsettled = async () => {
        await publish()
        movedSequence = reached
        files = [...files, ...added].sort((a, b) => a.firstSequence - b.firstSequence)
      }
      await settle()
    },
    settle,
    async remove(paths, reason) {
      const gone = new Set(paths)
      for (const { path, layout, lastSequence } of files)
        if (gone.has(path)) noteRemoved({ model: layout.model, version: layout.version, lastSequence })
      files = files.filter(({ path }) => !gone.has(path))
      const removedAt = clock.now()
      await queue.durable(queue.enqueue([{ kind: 'removePredictions', paths, removedAt, reason }], 0))
    },
    async trim() {
      for (;;) {
        const oldest = all<{ sequence: number; length: number }>(
          `SELECT ${SEQUENCE} AS sequence, length FROM prediction_blocks WHERE ${SEQUENCE} <= ? ORDER BY ${SEQUENCE} LIMIT ?`,
          movedSequence,
          TRIM_BLOCKS,
        )
        let rows = 0
        const step = oldest.filter(({ length }, index) => {
          rows += length
          return index === 0 || rows <= TRIM_ROWS
        })
        const last = step.at(-1)
        if (last === undefined) return
        await queue.durable(queue.enqueue([{ kind: 'trimPredictions', throughSequence: last.sequence }], 0))
      }
    },
  }
}

interface RemovedLane {
  readonly model: string
  readonly version: number
  readonly lastSequence: number
}

interface StoredFile extends Omit<PredictionFile, 'layout'> {
  readonly layout: string
}

const timesOf = { t: ['t'], servedAt: ['served_at'], either: ['t', 'served_at'] } as const

function fileOf(stored: StoredFile): PredictionFile {
  return { ...stored, layout: JSON.parse(stored.layout) as PredictionLayout }
}

import { TruelineError } from '../../core/errors.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import type { SourceDefinition } from '../../language/define/source-definition.ts'
import type { ImportedRows } from '../../stores/lake/import-staging.ts'
import type { NewDeadLetter } from '../../stores/log/dead-letter.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import { createRowReader } from '../quality/row-reader.ts'
import { changeWords } from './column-changes.ts'
import { createReader } from './create-reader.ts'
import { judgeColumns } from './judge-columns.ts'
import { localTimeIn } from './local-times.ts'
import { placed, placeWords } from './place-words.ts'
import { projectorOf } from './project-row.ts'
import { historySink, liveSink, type SinkParts } from './sinks.ts'
import { isCompared, type Snapshot, snapshotOf } from './snapshot.ts'
import type { PlacedRow, ReaderContext, SourcePage } from './source-page.ts'
import type { SourceState } from './source-state.ts'
import {
  forgetPositions,
  readPositions,
  type SourceRun,
  savePosition,
  saveRun,
  saveState,
  withRows,
} from './source-store.ts'
import { isSweepDue, isSwept, SWEEP, type SweepPosition, sweepUnderWay } from './sweep.ts'
import { inRange } from './time-range.ts'
import type { TokenBucket } from './token-bucket.ts'

export interface TurnParts extends SinkParts {
  readonly metadata: Metadata
  readonly context: ReaderContext
  /** Told of each part of a run that was imported as history, once its position is kept. */
  readonly onHistory: (stream: string, run: string, imported: ImportedRows) => Promise<void>
}

/** What a turn goes on with. */
export interface Turn {
  readonly definition: SourceDefinition
  readonly stream: StreamDefinition
  /** What it has come to: kept up to date, and in the metadata, after each part of it that is safe. */
  readonly progress: { state: SourceState; run: SourceRun }
  readonly buckets: { readonly rows?: TokenBucket; readonly requests?: TokenBucket }
  readonly signal: AbortSignal
}

/** How a turn ended. */
export interface TurnEnd {
  /** Everything there was has been read; else the rate has to be waited for. */
  readonly pausedUntil?: number
  /** Parts that could not be read. */
  readonly troubles: readonly TruelineError[]
}

/**
 * Reads a source from where its run stands until everything is read, or its rate is used up. A position is kept only
 * once all rows before it are on disk in the log: whatever ends the turn, what follows is read again, and what was
 * there already is a duplicate.
 * @throws TruelineError why reading could not go on; what came before stands
 */
export async function takeTurn(parts: TurnParts, turn: Turn): Promise<TurnEnd> {
  const { metadata, context } = parts
  const { definition, stream, progress, buckets, signal } = turn
  const { name } = definition
  const { run } = progress
  const isBackfill = run.kind === 'backfill'
  const readsAll = isBackfill || isCompared(definition)
  const sweeps = isSweepDue(definition, progress.state, run)
  const scope = isBackfill ? backfillScope(name) : name
  const reader = createReader(definition, stream, context, isBackfill ? run : {})
  const project = projectorOf(definition, stream, reader)
  const rowReader = createRowReader(stream.schema)
  const label = `source ${name}, run ${run.number}`
  const sinkParts = { ...parts, places: reader.places }
  const sink =
    isBackfill || !progress.state.started ? historySink(sinkParts, stream, label) : liveSink(sinkParts, stream)
  const compared = { source: name, stream, areStamped: isSwept(definition), sendsAgain: isBackfill }
  const snapshot: Snapshot | undefined =
    isCompared(definition) || isSwept(definition) ? snapshotOf(metadata, compared) : undefined
  const pending = new Map<string, unknown>()
  const troubles: TruelineError[] = []
  let watermark: string | undefined
  const { nextOffset } = parts.log

  async function settle(): Promise<void> {
    const { counts, imported } = await sink.settle()
    const now = metadata.clock.now()
    const { state } = progress
    const last = parts.log.nextOffset - 1
    progress.run = {
      ...withRows(progress.run, counts),
      ...(watermark === undefined ? {} : { watermark }),
      ...(counts.accepted === 0 ? {} : { offsets: [progress.run.offsets?.[0] ?? nextOffset, last] as const }),
    }
    progress.state = {
      ...state,
      ...(watermark === undefined || isBackfill ? {} : { watermark }),
      ...(counts.accepted === 0 ? {} : { newestRowAt: now }),
    }
    await metadata.database.transaction().execute(async (transaction) => {
      for (const [part, position] of pending) await savePosition(transaction, scope, part, position)
      await saveRun(transaction, progress.run)
      await saveState(transaction, name, progress.state)
      await snapshot?.sent(transaction)
    })
    pending.clear()
    if (imported !== undefined) await parts.onHistory(stream.name, `${name}, run ${run.number}`, imported)
  }

  async function takePage(page: SourcePage): Promise<void> {
    const letter = (row: unknown, code: NewDeadLetter['code'], reason: string): NewDeadLetter => ({
      ...{ stream: stream.name, scope: 'ingest', code, reason, source: page.origin },
      ...rowReader.masked(row),
    })
    const letters = page.broken.map(({ text, reason }) => letter(text, 'malformed_row', reason))
    const { state, verdict } = judgeColumns(progress.state, page, definition, stream, run.number)
    if (state !== progress.state) {
      progress.state = state
      await saveState(metadata.database, name, state)
    }
    const words = changeWords(state.found?.changes ?? [])
    if (verdict === 'stop')
      throw new TruelineError('source_changed', `The columns of ${page.origin} changed: ${words}.`, { path: name })
    let rows: readonly PlacedRow[] = page.rows.map((row, index) => ({ row: project(row), place: page.places?.[index] }))
    if (isBackfill) {
      const isAskedFor = inRange(stream, progress.run)
      rows = rows.filter(({ row }) => isAskedFor(row))
    }
    if (definition.zone === undefined && progress.state.localTime === undefined) {
      const localTime = localTimeIn(rows, stream.schema)
      if (localTime !== undefined) progress.state = { ...progress.state, localTime }
    }
    if (verdict === 'quarantine') {
      const reason = `The columns of the source changed: ${words}.`
      for (const { row, place } of rows)
        letters.push(letter(row, 'source_changed', placed(reason, placeWords(reader.places, place))))
      rows = []
    }
    if (snapshot !== undefined) {
      const different = await snapshot.differences(rows, run.number)
      rows = different.rows
      const isWhole = page.isUnfinished === undefined && page.broken.length === 0
      if (different.isUnclear || verdict === 'quarantine' || !isWhole)
        progress.state = { ...progress.state, unclear: run.number }
    }
    if (rows.length + letters.length > 0) await sink.take(rows, letters, page.origin)
    pending.set(page.part, page.position)
    watermark = page.watermark ?? watermark
    buckets.rows?.take(page.rows.length, metadata.clock.now())
    if (page.rows.length > 0) buckets.requests?.take(1, metadata.clock.now())
    if (sink.isFull && rows.length + letters.length > 0) await settle()
  }

  function pause(): number | undefined {
    const now = metadata.clock.now()
    const until = Math.max(buckets.rows?.readyAt(now) ?? now, buckets.requests?.readyAt(now) ?? now)
    return until > now ? until : undefined
  }

  /** Notes which keys are there, and reads the rows that are there and should not be, or are not known. */
  async function sweep(known: Snapshot, after: unknown): Promise<number | undefined> {
    for await (const page of reader.keys!(after, signal)) {
      const { isNews, isUnclear } = await known.seen(page.keys.map(project), run.number)
      if (isUnclear) progress.state = { ...progress.state, unclear: run.number }
      // Where other columns were found, their rows are not taken unseen.
      const rows = isNews && progress.state.found === undefined ? await page.whole() : []
      const position: SweepPosition = { run: run.number, after: page.position }
      await takePage({ origin: page.origin, part: SWEEP, rows, broken: [], position })
      buckets.rows?.take(page.keys.length, metadata.clock.now())
      buckets.requests?.take(1, metadata.clock.now())
      signal.throwIfAborted()
      const pausedUntil = pause()
      if (pausedUntil !== undefined) return pausedUntil
    }
    return undefined
  }

  try {
    // A snapshot, and a backfill, read everything; those of before have their positions.
    if (run.turns === 1 && readsAll)
      await metadata.database.transaction().execute((transaction) => forgetPositions(transaction, scope))
    const positions = await readPositions(metadata, scope)
    const begun = sweepUnderWay(positions, run)
    for await (const page of begun === undefined ? reader.pages(positions, signal) : []) {
      if ('trouble' in page) {
        troubles.push(page.trouble)
        continue
      }
      await takePage(page)
      signal.throwIfAborted()
      const pausedUntil = page.isLast === true ? undefined : pause()
      if (pausedUntil === undefined) continue
      await settle()
      return { pausedUntil, troubles }
    }
    const pausedUntil = sweeps ? await sweep(snapshot!, begun?.after) : undefined
    if (pausedUntil !== undefined) {
      await settle()
      return { pausedUntil, troubles }
    }
    const { deletions } = definition
    const deletes = deletions !== undefined && (sweeps || !isSwept(definition))
    // What was not read, or not taken, is not gone.
    if (deletes && progress.state.unclear === run.number) troubles.push(nothingDeleted(name))
    if (deletes && troubles.length === 0)
      for (;;) {
        const gone = await snapshot!.deletions(run.number, deletions.atMost)
        if (gone.length === 0) break
        await sink.take(
          gone.map((row) => ({ row })),
          [],
          name,
        )
        if (sink.isFull) await settle()
      }
    await settle()
    if (sweeps && troubles.length === 0) progress.state = { ...progress.state, sweptAt: run.startedAt }
    if (isBackfill) await metadata.database.transaction().execute((transaction) => forgetPositions(transaction, scope))
    return { troubles }
  } finally {
    await sink.close()
  }
}

function nothingDeleted(name: string): TruelineError {
  return new TruelineError(
    'malformed_row',
    `Some rows of source '${name}' cannot be told by their ids or are not written yet, so none was deleted.`,
    {
      path: name,
      remedy:
        'Mend the rows that were refused in this run, at the source; `trueline deadletters` shows them. What is still being written is whole by the next run.',
    },
  )
}

function backfillScope(name: string): string {
  return `${name} backfill`
}

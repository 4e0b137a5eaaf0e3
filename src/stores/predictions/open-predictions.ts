import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { TruelineError } from '../../core/errors.ts'
import { oneAtATime } from '../../core/one-at-a-time.ts'
import { formatTime } from '../../core/time.ts'
import { workerUrl } from '../../core/worker-url.ts'
import { type Duckdb, duckdbWriteError, openDuckdb } from '../lake/duckdb.ts'
import type { Lake } from '../lake/lake.ts'
import { settleFiles } from '../lake/settle-files.ts'
import { publishFiles } from '../lake/write-events.ts'
import type { EventLog } from '../log/event-log.ts'
import { createRowMasker, type PredictionMasks } from '../log/mask-rows.ts'
import {
  type DecodedPredictions,
  isUnlogged,
  type Prediction,
  parseBatchPredictionId,
  parsePredictionId,
} from '../log/prediction-block.ts'
import { predictionAt } from '../log/prediction-codec.ts'
import type { PredictionFile, StoredBlock } from '../log/prediction-file.ts'
import { readBothPlaces } from './both-places.ts'
import type { BlocksToMove } from './move-worker.ts'
import { readNewest } from './newest-predictions.ts'
import { conditionOf, overlaps } from './prediction-range.ts'
import type { Lane, OpenColumnsOption, Predictions } from './predictions.ts'
import { filesToRemove } from './retention.ts'

export interface PredictionsOptions {
  readonly log: EventLog
  /** The log's SQLite file. */
  readonly logPath: string
  readonly lake: Pick<Lake, 'folder' | 'temporaryFolder'>
  /** What rows were masked with. */
  readonly secret: Uint8Array
  /** Rows of one move, and so of a file; 262,144 unless given. */
  readonly moveRows?: number
  /** Rows that are looked at for a page of the newest; two million unless given. */
  readonly searchRows?: number
}

/** Most rows of one move. */
const MOVE_ROWS = 262_144
/** Some seconds of reading. */
const SEARCH_ROWS = 2_000_000
/** Most blocks of one move: under a low load they are small. */
const MOVE_BLOCKS = 50_000
const MEMORY = '256MB'

/**
 * Opens the predictions of a log and of the lake beside it, and finishes what a crash left half done.
 * @throws TruelineError `directory_damaged` when a file of the manifest is missing or cut, or the manifest lacks one
 */
export async function openPredictions(options: PredictionsOptions): Promise<Predictions> {
  const { log, logPath, lake, moveRows = MOVE_ROWS, searchRows = SEARCH_ROWS } = options
  const masker = createRowMasker(options.secret)
  const { folder, temporaryFolder } = lake
  const table = log.predictionTable
  await settleFiles(folder, 'predictions', table.files(), table.isRemoved)
  await table.trim()
  const inTurn = oneAtATime()
  /** Those who read what they were told of before: nothing of it goes until they are done. */
  const reading = new Set<Promise<void>>()
  let reader: Promise<Duckdb> | undefined

  async function openReader(): Promise<Duckdb> {
    const opened = await openDuckdb({ threads: 1, memory: MEMORY, temporaryFolder })
    await opened.withConnection((connection) => connection.run('SET GLOBAL enable_external_file_cache = false'))
    return opened
  }

  /** Opened by the first who reads the lake; it keeps nothing of what it has read. */
  function duckdb(): Promise<Duckdb> {
    reader ??= openReader().catch((thrown: unknown) => {
      reader = undefined
      throw thrown
    })
    return reader
  }

  /** What is there when it begins stays until it ends. */
  async function meanwhile<Result>(read: () => Promise<Result>): Promise<Result> {
    const { promise, resolve } = Promise.withResolvers<void>()
    reading.add(promise)
    try {
      return await read()
    } finally {
      reading.delete(promise)
      resolve()
    }
  }

  async function* whileReading<Item>(read: () => AsyncIterable<Item>): AsyncGenerator<Item> {
    const { promise, resolve } = Promise.withResolvers<void>()
    reading.add(promise)
    try {
      yield* read()
    } finally {
      reading.delete(promise)
      resolve()
    }
  }

  const { readFile, readBoth, sampleBoth, countBoth, answersBoth } = readBothPlaces({ log, table, folder, duckdb })

  function opened(prediction: Prediction): Prediction {
    const { masks } = prediction.layout
    return masks === undefined ? prediction : { ...prediction, row: masker.open(prediction.row, masks.columns) }
  }

  function openedAll(batch: DecodedPredictions, open: OpenColumnsOption['open'] = false): DecodedPredictions {
    const { masks } = batch.layout
    if (masks === undefined || open === false) return batch
    const columns = open === true ? masks.columns : chosenOf(masks.columns, open)
    if (Object.keys(columns).length === 0) return batch
    return { ...batch, rows: batch.rows.map((row) => masker.open(row, columns)) }
  }

  async function moveOnce(): Promise<number> {
    await table.settle()
    const blocks = table.blocks(MOVE_BLOCKS)
    let rows = 0
    const chosen = blocks.filter(({ length }, index) => {
      rows += length
      return index === 0 || rows <= moveRows
    })
    const last = chosen.at(-1)
    if (last === undefined) return 0
    const files = await writeFiles({ logPath, folder, temporaryFolder, groups: groupsOf(chosen) })
    const expected = chosen.reduce((sum, { length }) => sum + length, 0)
    const written = files.reduce((sum, file) => sum + file.rows, 0)
    if (written !== expected)
      throw new TruelineError('internal', `${expected} predictions became ${written} rows in the lake.`)
    await table.record({ files, movedSequence: last.sequence, publish: () => publishFiles(folder, files) })
    await Promise.all(reading)
    await table.trim()
    return written
  }

  return {
    secret: masker.name,
    async read(id, { open = false } = {}) {
      if (isUnlogged(id)) throw unloggedError(id)
      const ofBatch = parseBatchPredictionId(id)
      if (ofBatch !== undefined) throw batchError(id, ofBatch.run, ofBatch.row)
      const shown = (prediction: Prediction): Prediction => (open ? opened(prediction) : prediction)
      const place = parsePredictionId(id)
      if (place !== undefined) {
        const { block, index } = place
        try {
          return shown(log.readPrediction(id))
        } catch (thrown) {
          if (!(thrown instanceof TruelineError) || thrown.code !== 'unknown_prediction') throw thrown
        }
        const candidates = table.files().filter((file) => file.firstBlock <= block && file.lastBlock >= block)
        const condition = `block = ${block} AND place = ${index}`
        const found = whileReading(async function* () {
          for (const file of candidates) yield* readFile(file, condition)
        })
        for await (const batch of found) return shown(predictionAt(batch, 0))
        const removed = table.removalOf(block)
        if (removed !== undefined) throw removedError(id, removed.removedAt, removed.reason)
      }
      throw new TruelineError('unknown_prediction', `There is no prediction '${id}' in the log.`, { path: id })
    },
    scan: (filter = {}) =>
      whileReading(async function* () {
        const condition = conditionOf(filter)
        const found = readBoth(
          (file) => overlaps(file, filter),
          (file) => readFile(file, condition),
          filter,
        )
        for await (const batch of found) yield openedAll(batch, filter.open)
      }),
    sample: (filter, sample) =>
      whileReading(async function* () {
        for await (const batch of sampleBoth(filter, sample)) yield openedAll(batch, filter.open)
      }),
    count: (filter) => meanwhile(() => countBoth(filter)),
    answers: (meant, tell) => meanwhile(() => answersBoth(meant, tell)),
    after: ({ model, version }, { sequence, place }, range = {}) =>
      whileReading(() => {
        const isAfter = `(sequence > ${sequence} OR (sequence = ${sequence} AND place > ${place}))`
        const condition = `${isAfter} AND (${conditionOf(range)})`
        return readBoth(
          (file) =>
            file.layout.version === version && file.lastSequence >= sequence && overlaps(file, { ...range, model }),
          (file) => readFile(file, condition),
          { ...range, model, version, sequence },
        )
      }),
    newest: (page) =>
      meanwhile(() =>
        readNewest(
          {
            ...{ log, files: table.files(), folder, mostRows: searchRows },
            connect: async () => (await duckdb()).connect(),
          },
          page,
        ),
      ),
    lanes(sequence) {
      const inFiles = table.files().filter(({ lastSequence }) => lastSequence >= sequence)
      const all: readonly Lane[] = [...inFiles.map(({ layout }) => layout), ...table.lanes(sequence)]
      return [...new Map(all.map(({ model, version }) => [`${version} ${model}`, { model, version }])).values()]
    },
    move: () =>
      inTurn(async () => {
        let moved = 0
        for (let rows = await moveOnce(); rows > 0; rows = await moveOnce()) moved += rows
        return moved
      }),
    retain: (rules) =>
      inTurn(async () => {
        const removals = filesToRemove(table.files(), rules)
        let rows = 0
        for (const { reason, files } of removals) {
          if (files.length === 0) continue
          const paths = files.map(({ path }) => path)
          await table.remove(paths, reason)
          await Promise.all(reading)
          for (const path of paths) await rm(join(folder, path), { force: true })
          rows += files.reduce((sum, file) => sum + file.rows, 0)
        }
        return rows
      }),
    removedRows: (filter) => table.removedRows(filter),
    removedLanes: table.removedLanes,
    removedAfter: table.removedAfter,
    countOf(model, version) {
      const inFiles = table.files().map(({ layout, rows }) => ({ ...layout, length: rows }))
      const all = [...inFiles, ...table.blocks(Number.MAX_SAFE_INTEGER)]
      return all.reduce((sum, one) => sum + (one.model === model && one.version === version ? one.length : 0), 0)
    },
    state() {
      const { oldest, lastSequence, ...inLog } = table.tail()
      const files = table.files()
      return {
        lastSequence,
        log: { ...inLog, ...(oldest === undefined ? {} : { oldest }) },
        lake: {
          files: files.length,
          rows: files.reduce((sum, { rows }) => sum + rows, 0),
          bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
        },
        removed: table.removals(),
      }
    },
    async close() {
      await inTurn(async () => undefined)
      if (reader !== undefined) (await reader).close()
    },
  }
}

/**
 * Blocks of a version and a day (of the first answer of each) go into one file, as long as no other day comes between: so
 * the files of a version follow each other as its blocks do, and whoever reads them in order misses none.
 */
function groupsOf(blocks: readonly StoredBlock[]): BlocksToMove['groups'] {
  const groups: { readonly below: string; readonly version: number; readonly blocks: number[] }[] = []
  const newest = new Map<string, (typeof groups)[number]>()
  for (const { number, model, version, firstServedAt } of blocks) {
    const below = join('predictions', encodeURIComponent(model), formatTime(firstServedAt).slice(0, 10))
    const lane = `${version} ${model}`
    let group = newest.get(lane)
    if (group?.below !== below) {
      group = { below, version, blocks: [] }
      groups.push(group)
      newest.set(lane, group)
    }
    group.blocks.push(number)
  }
  return groups
}

/** Writes blocks as files of the lake under their provisional names, in a thread of its own. */
async function writeFiles(work: BlocksToMove): Promise<PredictionFile[]> {
  const worker = new Worker(workerUrl(import.meta.url, './move-worker.ts'), { workerData: work })
  try {
    const [files] = await once(worker, 'message')
    return files as PredictionFile[]
  } catch (thrown) {
    throw duckdbWriteError(thrown, work.folder)
  } finally {
    await worker.terminate()
  }
}

function chosenOf(columns: PredictionMasks['columns'], chosen: readonly string[]): PredictionMasks['columns'] {
  return Object.fromEntries(Object.entries(columns).filter(([name]) => chosen.includes(name)))
}

function unloggedError(id: string): TruelineError {
  return new TruelineError('prediction_not_logged', `Prediction '${id}' was answered and not logged.`, { path: id })
}

function batchError(id: string, run: string, row: number): TruelineError {
  const where = `row ${row}, counted from 0, of what run ${run} of a batch scored`
  return new TruelineError('prediction_of_batch', `'${id}' is ${where}: it is in the output of the run alone.`, {
    path: id,
  })
}

function removedError(id: string, at: number, reason: string): TruelineError {
  const why = reason === 'budget' ? 'the log of predictions may take no more disk' : 'it was older than it is kept'
  return new TruelineError('prediction_removed', `Prediction '${id}' was removed by ${formatTime(at)}: ${why}.`, {
    path: id,
  })
}

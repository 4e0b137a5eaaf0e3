import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { threadGivesWay } from '../../core/give-way.ts'
import { renameDurably } from '../durable-file.ts'
import { type Duckdb, openDuckdb } from '../lake/duckdb.ts'
import { digestOfFile } from '../lake/file-digest.ts'
import { makeFolder, provisional, syncFile, UNFINISHED } from '../lake/write-events.ts'
import { type DecodedPredictions, parsePredictionId } from '../log/prediction-block.ts'
import { decodePredictions } from '../log/prediction-codec.ts'
import type { PredictionFile } from '../log/prediction-file.ts'
import { SEQUENCE } from '../log/prediction-table.ts'
import { writePredictions } from './write-predictions.ts'

/** What is to be written: blocks of one model version and day, in the order in which they became durable. */
export interface BlocksToMove {
  /** The log's SQLite file. */
  readonly logPath: string
  /** The lake's folder. */
  readonly folder: string
  readonly temporaryFolder: string
  /** Below the lake's folder. */
  readonly groups: readonly { readonly below: string; readonly version: number; readonly blocks: readonly number[] }[]
}

// A thread of its own: neither the decoding nor the encoding takes a turn of the one that serves.
threadGivesWay()
const { logPath, folder, temporaryFolder, groups } = workerData as BlocksToMove
const database = new DatabaseSync(logPath, { readOnly: true })
const readBlock = database.prepare(`SELECT data, ${SEQUENCE} AS sequence FROM prediction_blocks WHERE number = ?`)
const duckdb = await openDuckdb({ threads: 1, memory: '300MB', temporaryFolder })
const files: PredictionFile[] = []
for (const group of groups) files.push(...(await writeGroup(duckdb, group)))
duckdb.close()
database.close()
parentPort!.postMessage(files)

/** Writes a group as files of one layout each: one, unless what is masked or the digest changed under the version. */
async function writeGroup(
  duckdb: Duckdb,
  { below, version, blocks }: BlocksToMove['groups'][number],
): Promise<PredictionFile[]> {
  const written: PredictionFile[] = []
  const source = decodedBlocks(blocks)
  let next = source.next()
  while (!next.done) {
    const layout = JSON.stringify(next.value.layout)
    const first = next.value
    const ranges = createRanges()
    const sameLayout = function* (): Generator<DecodedPredictions> {
      for (; !next.done && JSON.stringify(next.value.layout) === layout; next = source.next()) {
        ranges.take(next.value)
        yield next.value
      }
    }
    const temporary = join(folder, below, `part${UNFINISHED}`)
    await makeFolder(folder, below)
    await rm(temporary, { force: true })
    try {
      await duckdb.withConnection((connection) => writePredictions(connection, temporary, first.layout, sameLayout()))
      await syncFile(temporary)
    } catch (thrown) {
      await rm(temporary, { force: true })
      throw thrown
    }
    const { firstSequence, lastSequence } = ranges.all
    const path = join(below, `${version}-${padded(firstSequence)}-${padded(lastSequence)}.parquet`)
    const named = join(folder, provisional(path))
    await renameDurably(temporary, named)
    const { size } = await stat(named)
    written.push({ path, layout: first.layout, ...ranges.all, bytes: size, digest: await digestOfFile(named) })
  }
  return written
}

function* decodedBlocks(numbers: readonly number[]): Generator<DecodedPredictions, undefined> {
  for (const number of numbers) {
    const { data, sequence } = readBlock.get(number) as { data: Uint8Array; sequence: number }
    yield decodePredictions(number, data, sequence)
  }
}

type Ranges = Omit<PredictionFile, 'path' | 'layout' | 'bytes' | 'digest'>

function createRanges(): { take(block: DecodedPredictions): void; readonly all: Ranges } {
  let rows = 0
  const blocks = emptyRange()
  const sequences = emptyRange()
  const t = emptyRange()
  const servedAt = emptyRange()
  return {
    take(block) {
      rows += block.length
      extend(blocks, parsePredictionId(block.id(0))!.block)
      extend(sequences, block.position(0).sequence)
      for (let index = 0; index < block.length; index += 1) {
        extend(t, block.t[index]!)
        extend(servedAt, block.servedAt[index]!)
      }
    },
    get all() {
      return {
        rows,
        ...{ firstBlock: blocks.first, lastBlock: blocks.last },
        ...{ firstSequence: sequences.first, lastSequence: sequences.last },
        ...{ firstT: t.first, lastT: t.last },
        ...{ firstServedAt: servedAt.first, lastServedAt: servedAt.last },
      }
    },
  }
}

interface Range {
  first: number
  last: number
}

function emptyRange(): Range {
  return { first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY }
}

function extend(range: Range, value: number): void {
  if (value < range.first) range.first = value
  if (value > range.last) range.last = value
}

/** Fifteen digits, so that names sort as sequences do. */
function padded(sequence: number): string {
  return String(sequence).padStart(15, '0')
}

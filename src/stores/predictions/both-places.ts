import { join } from 'node:path'
import { type Duckdb, sqlText } from '../lake/duckdb.ts'
import type { EventLog, PredictionFilter } from '../log/event-log.ts'
import type { DecodedPredictions } from '../log/prediction-block.ts'
import type { PredictionFile } from '../log/prediction-file.ts'
import { answersInBlock, answersInFile } from './count-answers.ts'
import { countByMode } from './count-by-mode.ts'
import { type EvenSample, rowsOfBlock } from './even-sample.ts'
import { conditionOf, isInRange, overlaps } from './prediction-range.ts'
import type { AnswersMeant, ModesOption, TellAnswers } from './predictions.ts'
import { readPredictions } from './read-predictions.ts'

interface Places {
  readonly log: EventLog
  readonly table: EventLog['predictionTable']
  /** That the paths of files are below. */
  readonly folder: string
  readonly duckdb: () => Promise<Duckdb>
}

/** Reads predictions where they are: in files of the lake, and in the log's own table. */
export function readBothPlaces({ log, table, folder, duckdb }: Places) {
  async function* readFile(
    file: PredictionFile,
    condition: string,
    order?: string,
  ): AsyncGenerator<DecodedPredictions> {
    const connection = await (await duckdb()).connect()
    try {
      yield* readPredictions(connection, join(folder, file.path), file.layout, condition, order)
    } finally {
      connection.closeSync()
    }
  }

  function countFile(file: PredictionFile, condition: string): Promise<ReadonlyMap<string, number>> {
    return duckdb().then((opened) =>
      opened.withConnection((connection) => countByMode(connection, join(folder, file.path), condition)),
    )
  }

  async function countBoth(filter: PredictionFilter): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>()
    const add = (mode: string, count: number): unknown => counts.set(mode, (counts.get(mode) ?? 0) + count)
    // Both are looked up in one turn, as in `readBoth`.
    const files = table.files().filter((file) => overlaps(file, filter))
    for await (const block of log.scanPredictions(filter)) {
      for (let index = 0; index < block.length; index += 1)
        if (isInRange(block, index, filter)) add(block.mode(index), 1)
      block.release()
    }
    for (const file of files) for (const [mode, count] of await countFile(file, conditionOf(filter))) add(mode, count)
    return counts
  }

  async function answersBoth(meant: AnswersMeant, tell: TellAnswers): Promise<void> {
    const { model, version, from, through } = meant
    const range = { model, by: 'servedAt', from } as const
    // Both are looked up in one turn, as in `readBoth`.
    const files = table
      .files()
      .filter((file) => file.layout.version === version && file.firstSequence <= through && overlaps(file, range))
    for await (const block of log.scanPredictions({ ...range, version })) {
      answersInBlock(block, meant, tell)
      block.release()
    }
    for (const { path } of files)
      await duckdb().then((opened) =>
        opened.withConnection((connection) => answersInFile(connection, join(folder, path), meant, tell)),
      )
  }

  function sampleBoth(
    { without, ...filter }: PredictionFilter & ModesOption,
    sample: EvenSample,
  ): AsyncGenerator<DecodedPredictions> {
    const condition = `(${conditionOf(filter)}) AND mode NOT IN (${without.map(sqlText).join(', ')})`
    return readBoth(
      (file) => overlaps(file, filter),
      readSample,
      filter,
      (block) => {
        const places: number[] = []
        for (let index = 0; index < block.length; index += 1) {
          const isMeant = isInRange(block, index, filter) && !without.includes(block.mode(index))
          if (isMeant && sample.takesNext()) places.push(index)
        }
        const chosen = rowsOfBlock(block, places)
        block.release()
        return chosen
      },
    )

    async function* readSample(file: PredictionFile): AsyncGenerator<DecodedPredictions> {
      yield* readFile(file, condition, sample.qualification)
      for (const count of (await countFile(file, condition)).values()) sample.pass(count)
    }
  }

  /**
   * Those of the lake, and then those of the log. Both are looked up in one turn: what is moved from now on is still in the
   * log until this is done.
   */
  async function* readBoth(
    isMeant: (file: PredictionFile) => boolean,
    ofFile: (file: PredictionFile) => AsyncIterable<DecodedPredictions>,
    filter: PredictionFilter,
    ofBlock = (block: DecodedPredictions) => block,
  ): AsyncGenerator<DecodedPredictions> {
    const files = table.files().filter(isMeant)
    const inLog = log.scanPredictions(filter)[Symbol.asyncIterator]()
    const first = inLog.next()
    // Trouble with the log is told when its turn comes; until then, and where it never comes, nobody is there to catch it.
    first.catch(() => undefined)
    for (const file of files) yield* ofFile(file)
    for (let next = await first; !next.done; next = await inLog.next()) yield ofBlock(next.value)
  }

  return { readFile, readBoth, sampleBoth, countBoth, answersBoth }
}

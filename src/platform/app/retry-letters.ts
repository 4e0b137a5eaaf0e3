import type { Judgement } from '../../data/features/ingest.ts'
import { revisionConflict } from '../../data/features/revision-conflict.ts'
import { maskedRow } from '../../data/quality/mask-row.ts'
import type { RowFault } from '../../data/quality/row-reader.ts'
import { type HistoryRowReader, historyRowReader, importAgain } from '../../data/sources/import-again.ts'
import type { RowToStage } from '../../data/sources/staged-rows.ts'
import type { DeadLetter, LetterChange } from '../../stores/log/dead-letter.ts'
import type { Parts } from './assemble-platform.ts'
import { historyTaker } from './import-history.ts'

/** A letter's row as it is to be tried, or why it cannot be changed. */
export type Tried = { readonly letter: DeadLetter } & ({ readonly row: unknown } | { readonly fault: RowFault })

/** How rows were changed, in words (empty: not at all), and by whom. */
export interface Manner {
  readonly how: string
  readonly by: string
}

/** Rows of dead letters on the way that they came first: as events now, or as history. */
export interface Retries {
  /** What would become of each; whether a row of history repeats one is found when it is taken. */
  judge(tried: readonly Tried[]): Judgement[]
  /**
   * Takes rows, those of each way in one commit with what becomes of their letters: a crash leaves both or neither.
   * @returns what became of each, when it is durable
   */
  take(tried: readonly Tried[], manner: Manner): Promise<Judgement[]>
  /** The row that was tried, as it may be shown. */
  shownRow(tried: Tried): string
}

export type RetryParts = Pick<Parts, 'project' | 'log' | 'lake' | 'ingest' | 'applyEvents' | 'clock'>

/** Retries over a platform's parts; the letters of one call belong to one stream. */
export function createRetries(parts: RetryParts): Retries {
  const { project, log, lake, ingest } = parts

  function shownRow(one: Tried): string {
    const stream = project.streams[one.letter.stream]
    return 'row' in one && stream !== undefined ? maskedRow(one.row, stream.schema).row : one.letter.row
  }

  const changeOf = (one: Tried, judgement: Judgement, manner: Manner): LetterChange =>
    letterChange(one.letter, judgement, shownRow(one), manner)

  /** Rows that come as events come now. */
  async function takeNow(tried: readonly (Tried & { readonly row: unknown })[], manner: Manner): Promise<Judgement[]> {
    const { stream } = tried[0]!.letter
    const judged: Judgement[] = []
    const rows = tried.map(({ row }) => row)
    const retry: Parameters<typeof ingest.take>[2] = (index, outcome, fault) => {
      judged[index] = judgementOf(outcome, fault)
      return changeOf(tried[index]!, judged[index], manner)
    }
    const { ticket } = await ingest.whenReady(stream, rows, (past) => ingest.take(stream, rows, retry, past))
    await log.durable(ticket)
    return judged
  }

  /** Rows of history become known when their stream declares, as if they had been right in their file. */
  async function takeHistory(
    tried: readonly (Tried & { readonly row: unknown })[],
    manner: Manner,
  ): Promise<Judgement[]> {
    const stream = project.streams[tried[0]!.letter.stream]!
    const judged: Judgement[] = []
    const rows: RowToStage[] = []
    const places: number[] = []
    const read = historyRowReader(stream, log.knownAt())
    for (const [index, { row }] of tried.entries()) {
      const reading = read(row)
      if ('code' in reading) {
        judged[index] = { outcome: 'rejected', fault: reading }
        continue
      }
      rows.push(reading)
      places.push(index)
    }
    const changes = (): LetterChange[] => tried.map((one, index) => changeOf(one, judged[index]!, manner))
    if (rows.length === 0) {
      await log.durable(log.changeLetters(changes()))
      return judged
    }
    const { number, attempts } = tried[0]!.letter
    await importAgain({
      ...{ stream, rows, lake, onImported: historyTaker(parts, stream) },
      name: `dead letters from ${number} on, attempt ${attempts + 1}, ${log.nextOffset}`,
      retried(repeats) {
        for (const [place, index] of places.entries()) {
          const repeat = repeats.get(place + 1)
          judged[index] =
            repeat === 'conflict'
              ? { outcome: 'rejected', fault: revisionConflict }
              : { outcome: repeat === undefined ? 'accepted' : 'duplicate' }
        }
        return changes()
      },
    })
    return judged
  }

  return {
    shownRow,

    judge(tried) {
      const { stream: name = '' } = tried[0]?.letter ?? {}
      const stream = project.streams[name]
      const history = stream === undefined ? undefined : historyRowReader(stream, log.knownAt())
      const live = tried.flatMap((one) => ('row' in one && one.letter.scope !== 'import' ? [one.row] : []))
      const told = live.length === 0 ? [] : [...ingest.judge(name, live)]
      return tried.map((one) => {
        if ('fault' in one) return { outcome: 'rejected', fault: one.fault }
        return one.letter.scope === 'import' ? historyJudgement(history!, one.row) : told.shift()!
      })
    },

    async take(tried, manner) {
      const judged = tried.map((one): Judgement | undefined =>
        'fault' in one ? { outcome: 'rejected', fault: one.fault } : undefined,
      )
      for (const isHistory of [true, false]) {
        const places = [...tried.keys()].filter((index) => {
          const one = tried[index]!
          return 'row' in one && (one.letter.scope === 'import') === isHistory
        })
        const rows = places.map((index) => tried[index] as Tried & { readonly row: unknown })
        if (rows.length === 0) continue
        const outcomes = await (isHistory ? takeHistory(rows, manner) : takeNow(rows, manner))
        for (const [place, index] of places.entries()) judged[index] = outcomes[place]!
      }
      return judged.map((one) => one!)
    },
  }
}

/**
 * What is recorded of a letter that was tried.
 * @param row that was tried, as it may be shown
 */
export function letterChange({ number }: DeadLetter, judgement: Judgement, row: string, manner: Manner): LetterChange {
  const { how, by } = manner
  const { outcome } = judgement
  return {
    letter: number,
    outcome,
    state: outcome === 'rejected' ? 'open' : how === '' ? 'replayed' : 'fixed',
    by,
    ...(how === '' ? {} : { how }),
    ...('fault' in judgement ? { code: judgement.fault.code, reason: judgement.fault.reason } : {}),
    row,
  }
}

function historyJudgement(read: HistoryRowReader, row: unknown): Judgement {
  const reading = read(row)
  return 'code' in reading ? { outcome: 'rejected', fault: reading } : { outcome: 'accepted' }
}

function judgementOf(outcome: LetterChange['outcome'], fault: RowFault | undefined): Judgement {
  if (fault !== undefined) return { outcome: 'rejected', fault }
  return { outcome: outcome === 'duplicate' ? 'duplicate' : 'accepted' }
}

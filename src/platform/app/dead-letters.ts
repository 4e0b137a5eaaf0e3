import { setImmediate } from 'node:timers/promises'
import type { Schema } from '../../core/data-type.ts'
import { errorCodes } from '../../core/error-codes.ts'
import { TruelineError } from '../../core/errors.ts'
import { oneAtATime } from '../../core/one-at-a-time.ts'
import { unknownName } from '../../core/unknown-name.ts'
import { revisionMembers } from '../../data/features/event-reader.ts'
import type { Judgement } from '../../data/features/ingest.ts'
import { type Mend, mendRow, parseMend } from '../../data/quality/mend-row.ts'
import { suggestMend } from '../../data/quality/suggest-mend.ts'
import type { Identity } from '../../governance/identity.ts'
import type { DeadLetter } from '../../stores/log/dead-letter.ts'
import type { DeadLetterDetail, DeadLetterPage, DeadLetterState } from '../api/contract.ts'
import type { DeadLetterChoice, DeadLetterFix, DeadLetterFixAnswer } from '../api/dead-letter-answers.ts'
import type { Parts } from './assemble-platform.ts'
import { createRetries, type Retries, type RetryParts, type Tried } from './retry-letters.ts'
import type { ScoreAgain } from './score-again.ts'

/** What is done about rows that were not accepted. */
export interface DeadLetterDesk {
  page(query: PageQuery): DeadLetterPage
  /** @throws TruelineError `unknown_dead_letter` */
  show(letter: number): DeadLetterDetail
  /**
   * Tries rows again, in the order in which they came; tells only what would happen unless told to apply it.
   * @throws TruelineError `formula_invalid`, `invalid_arguments` (a code that no error has, too), `unknown_stream`, `unknown_column`; for a single letter also
   *   `unknown_dead_letter`, `dead_letter_settled`, `dead_letter_incomplete`, `dead_letter_not_a_row`
   */
  fix(fix: DeadLetterFix, by: Identity): Promise<DeadLetterFixAnswer>
  /** @throws TruelineError as `fix` does */
  discard(choice: DeadLetterChoice, by: Identity, reason: string): Promise<{ readonly discarded: number }>
}

interface PageQuery {
  readonly stream?: string
  readonly code?: string
  readonly state?: DeadLetterState
  readonly limit?: number
  readonly offset?: number
}

/** Letters of one commit. */
const AT_ONCE = 1000
const MOST_EXAMPLES = 5

/** The desk over a platform's parts: one request changes letters at a time, so that no letter is tried twice at once. */
export function createDeadLetterDesk(parts: RetryParts, scoreAgain: ScoreAgain): DeadLetterDesk {
  const { project, log } = parts
  const retries = createRetries(parts)
  const inTurn = oneAtATime()

  /** Open letters that are meant, in the order in which they came, some at a time. */
  function* chosen({ letter, stream, code }: DeadLetterChoice): Generator<readonly DeadLetter[]> {
    if (letter !== undefined) {
      yield [openLetter(letter)]
      return
    }
    if (stream === undefined)
      throw new TruelineError('invalid_arguments', 'It is not said which dead letters are meant.', {
        path: 'stream',
        remedy:
          'Name one by its number, or all open ones of a stream with --stream, or of one reason with --code as well.',
      })
    if (!Object.hasOwn(project.streams, stream))
      throw unknownName('unknown_stream', 'stream', stream, Object.keys(project.streams))
    if (code !== undefined && !Object.hasOwn(errorCodes, code))
      throw unknownName('invalid_arguments', 'error code', code, Object.keys(errorCodes))
    const filter = { stream, state: 'open', ...(code === undefined ? {} : { code }) } as const
    let after = 0
    for (;;) {
      const letters = log.deadLettersAfter(after, filter, AT_ONCE)
      if (letters.length === 0) return
      yield letters
      after = letters.at(-1)!.number
    }
  }

  function letterNamed(number: number): DeadLetter {
    const found = log.deadLetter(number)
    if (found !== undefined) return found
    throw new TruelineError('unknown_dead_letter', `There is no dead letter ${number}.`, { path: String(number) })
  }

  function openLetter(number: number): DeadLetter {
    const found = letterNamed(number)
    if (found.state === 'open') return found
    throw new TruelineError('dead_letter_settled', `Dead letter ${number} was ${found.state} before.`, {
      path: String(number),
    })
  }

  async function fix(request: DeadLetterFix, by: Identity): Promise<DeadLetterFixAnswer> {
    const { set = [], drop = [], row, apply = false, letter } = request
    const byHand = row !== undefined
    if (byHand && (letter === undefined || set.length + drop.length > 0))
      throw new TruelineError('invalid_arguments', 'A row by hand is for one letter, and changed by nothing else.', {
        path: 'row',
      })
    const mend = parseMend(set, drop)
    const tally = createTally(apply)
    for (const letters of chosen(request)) {
      refuseUnknownColumns(mend, project.streams[letters[0]!.stream]?.schema)
      const [asking, others] = split(letters, ({ scope }) => scope === 'scoring')
      const rows = others.filter((one) => byHand || canBeTried(one, letter !== undefined))
      // Letters about outcomes have no row that could be tried.
      tally.matched(letters.filter(({ scope }) => scope !== 'label').length, rows.length + asking.length)
      const tried = rows.map((one) => (byHand ? { letter: one, row } : mendedRow(one, mend, project.streams)))
      const manner = { how: byHand ? 'by hand' : mend.text, by: by.name }
      const judged = apply ? await retries.take(tried, manner) : retries.judge(tried)
      for (const [index, one] of tried.entries()) tally.add(one, retries.shownRow(one), judged[index]!)
      const change = byHand ? () => ({ row }) : changeOf(mend, project.streams[asking[0]?.stream ?? '']?.schema)
      for (const one of await scoreAgain(asking, change, apply ? manner : undefined))
        tally.add(one, one.shown, one.judgement)
      // Many letters take long, and others want to be served.
      await setImmediate()
    }
    return tally.answer()
  }

  return {
    page(query) {
      const { total, groups, rows } = log.deadLetters(query)
      const counts: Record<string, number> = {}
      for (const { code, count } of groups) counts[code] = (counts[code] ?? 0) + count
      const names = query.stream === undefined ? Object.keys(project.streams) : [query.stream]
      const streams = names.map((name) => ({ name, ...log.conservation(name) }))
      return { streams, total, counts, groups: [...groups], rows: rows.map(shownLetter) }
    },

    show(number) {
      const letter = letterNamed(number)
      const history = log.letterHistory(number).map(({ letter: _, state, ...change }) => change)
      return { ...shownLetter(letter), history, ...remedyOf(letter, project.streams, retries) }
    },

    fix: (request, by) => inTurn(() => fix(request, by)),

    discard: (choice, by, reason) =>
      inTurn(async () => {
        let discarded = 0
        for (const letters of chosen(choice)) {
          const change = { outcome: 'discarded', state: 'discarded', by: by.name, reason } as const
          await log.durable(log.changeLetters(letters.map(({ number }) => ({ letter: number, ...change }))))
          discarded += letters.length
        }
        return { discarded }
      }),
  }
}

/** @throws TruelineError for a letter that was named, where its row cannot be tried as it is stored */
function canBeTried(letter: DeadLetter, named: boolean): boolean {
  const { number, partial } = letter
  const path = String(number)
  if (letter.scope === 'label') {
    if (named)
      throw new TruelineError('dead_letter_not_a_row', `Dead letter ${number} is about an event that was accepted.`, {
        path,
      })
    return false
  }
  if (partial !== true) return true
  if (named)
    throw new TruelineError('dead_letter_incomplete', `Part of the row of dead letter ${number} was never kept.`, {
      path,
    })
  return false
}

/** How the row of an event is changed before it asks again; undefined where it asks as it came. */
function changeOf(mend: Mend, schema: Schema = {}): ((row: unknown) => ReturnType<typeof mendRow>) | undefined {
  return mend.text === '' ? undefined : (row) => mendRow(mend, row, schema)
}

/**
 * A row with a column that its schema has not is refused for it, so what is set beside the schema is misspelt, unless it is
 * left out again.
 * @throws TruelineError `unknown_column`
 */
function refuseUnknownColumns({ assignments, drop }: Mend, schema: Schema | undefined): void {
  if (schema === undefined) return
  const known = new Set([...Object.keys(schema), ...revisionMembers, ...drop])
  for (const { column } of assignments)
    if (!known.has(column)) throw unknownName('unknown_column', 'column', column, Object.keys(schema))
}

function split<Item>(items: readonly Item[], isFirst: (item: Item) => boolean): readonly [Item[], Item[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))]
}

function mendedRow(letter: DeadLetter, mend: Mend, streams: Parts['project']['streams']): Tried {
  const stream = streams[letter.stream]
  if (stream !== undefined) return { letter, ...mendRow(mend, JSON.parse(letter.row), stream.schema) }
  return { letter, fault: { code: 'unknown_stream', reason: `There is no stream '${letter.stream}' any more.` } }
}

function shownLetter({ number, partial = false, path, source, ...letter }: DeadLetter): DeadLetterPage['rows'][number] {
  return {
    letter: number,
    ...letter,
    partial,
    ...(path === undefined ? {} : { path }),
    ...(source === undefined ? {} : { source }),
  }
}

function remedyOf(
  letter: DeadLetter,
  streams: Parts['project']['streams'],
  retries: Retries,
): Pick<DeadLetterDetail, 'remedy' | 'mend'> {
  const stream = streams[letter.stream]
  if (letter.state !== 'open') return { remedy: `It was ${letter.state}: nothing more is to be done.` }
  if (letter.scope === 'scoring')
    return {
      remedy:
        'The event was accepted, and could not be scored: see its reason. Replay it once a version serves that can score it, or fix the row that asks; its answer is then revised.',
    }
  if (letter.scope === 'label')
    return {
      remedy: 'It is about an event that was accepted, and that is no outcome: mend its producer, and discard it.',
    }
  if (stream === undefined)
    return { remedy: 'Its stream is no longer defined: discard it, or define the stream again.' }
  if (letter.partial === true)
    return { remedy: 'Part of the row was never kept, as it is sensitive or very long: give the whole row by hand.' }
  const { sentence, mend } = suggestMend(letter, JSON.parse(letter.row), stream.schema, (row) => {
    const [judged] = retries.judge([{ letter, row }])
    return judged?.outcome === 'rejected' ? judged.fault : undefined
  })
  return { remedy: sentence, ...(mend === undefined ? {} : { mend: { set: [...mend.set], drop: [...mend.drop] } }) }
}

function createTally(applied: boolean) {
  const counts = { matched: 0, accepted: 0, duplicates: 0, rejected: 0, incomplete: 0 }
  const codes: Record<string, number> = {}
  const examples: DeadLetterFixAnswer['examples'][number][] = []
  return {
    matched(letters: number, tried: number): void {
      counts.matched += letters
      counts.incomplete += letters - tried
    },
    add({ letter }: { readonly letter: DeadLetter }, after: string, judgement: Judgement): void {
      const { outcome } = judgement
      counts[outcome === 'duplicate' ? 'duplicates' : outcome] += 1
      const fault = 'fault' in judgement ? { code: judgement.fault.code, reason: judgement.fault.reason } : undefined
      if (fault !== undefined) codes[fault.code] = (codes[fault.code] ?? 0) + 1
      if (examples.length < MOST_EXAMPLES)
        examples.push({ letter: letter.number, before: letter.row, after, outcome, ...fault })
    },
    answer: (): DeadLetterFixAnswer => ({ applied, ...counts, codes, examples }),
  }
}

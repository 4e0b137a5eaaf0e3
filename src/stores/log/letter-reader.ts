import type { SQLInputValue } from 'node:sqlite'
import type { DeadLetter, DeadLetterFilter, DeadLetterPage, LetterHistory } from './dead-letter.ts'
import type { LogReader } from './log-reader.ts'

type Read = <Row>(sql: string, ...parameters: SQLInputValue[]) => Row[]

const columns = `dead_letters.number, name AS stream, received_at AS receivedAt, scope, code, reason, path, "row", source,
  partial, state, attempts`
const matching = `FROM dead_letters JOIN streams ON streams.number = dead_letters.stream
  WHERE name = coalesce(?1, name) AND code = coalesce(?2, code) AND scope = coalesce(?3, scope)
  AND state = coalesce(?4, state)`

/** The part of a log's reader that is about dead letters. */
export function createLetterReader(
  all: Read,
): Pick<LogReader, 'deadLetters' | 'deadLettersAfter' | 'deadLetter' | 'letterHistory'> {
  return {
    deadLetters({ limit = 100, offset = 0, ...filter }) {
      const given = parametersOf(filter)
      const groups = all<DeadLetterPage['groups'][number]>(
        `SELECT name AS stream, code, count(*) AS count ${matching} GROUP BY name, code ORDER BY count DESC, name, code`,
        ...given,
      )
      const page = `SELECT ${columns} ${matching} ORDER BY dead_letters.number DESC LIMIT ?5 OFFSET ?6`
      const rows = all<StoredLetter>(page, ...given, limit, offset)
      return {
        total: groups.reduce((sum, { count }) => sum + count, 0),
        groups: groups.map((group) => ({ ...group })),
        rows: rows.map(letterOf),
      }
    },

    deadLettersAfter(number, filter, limit) {
      const sql = `SELECT ${columns} ${matching} AND dead_letters.number > ?5 ORDER BY dead_letters.number LIMIT ?6`
      return all<StoredLetter>(sql, ...parametersOf(filter), number, limit).map(letterOf)
    },

    deadLetter(number) {
      const sql = `SELECT ${columns} FROM dead_letters JOIN streams ON streams.number = dead_letters.stream
        WHERE dead_letters.number = ?`
      return all<StoredLetter>(sql, number).map(letterOf)[0]
    },

    letterHistory(number) {
      const sql = `SELECT letter, at, outcome, state, "by", how, code, reason, "row"
        FROM dead_letter_history WHERE letter = ? ORDER BY entry`
      return all<LetterHistory>(sql, number).map(withoutNulls)
    },
  }
}

interface StoredLetter extends Omit<DeadLetter, 'partial'> {
  readonly partial: number
}

function parametersOf({ stream, code, scope, state }: DeadLetterFilter): SQLInputValue[] {
  return [stream ?? null, code ?? null, scope ?? null, state ?? null]
}

function letterOf({ partial, ...letter }: StoredLetter): DeadLetter {
  return { ...withoutNulls(letter), ...(partial === 1 ? { partial: true } : {}) }
}

/** What is null in the table is absent. */
function withoutNulls<Row extends object>(row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as Row
}

import type { SQLInputValue } from 'node:sqlite'
import type { DeadLetter, DeadLetterFilter, DeadLetterPage, LetterHistory } from './dead-letter.ts'
import type { LogReader } from './log-reader.ts'

type Read = <Row>(sql: string, ...parameters: SQLInputValue[]) => Row[]

const columns = `dead_letters.number, name AS stream, received_at AS receivedAt, scope, code, reason, path, "row", source,
  partial, state, attempts`
const named = 'FROM dead_letters JOIN streams ON streams.number = dead_letters.stream'

/** The part of a log's reader that is about dead letters. */
export function createLetterReader(
  all: Read,
): Pick<LogReader, 'deadLetters' | 'deadLettersAfter' | 'deadLetter' | 'letterHistory'> {
  return {
    deadLetters({ limit = 100, offset = 0, ...filter }) {
      const { where, given } = conditionOf(filter)
      // Counted by number first, which an index alone can answer.
      const groups = all<DeadLetterPage['groups'][number]>(
        `SELECT name AS stream, code, count FROM
         (SELECT stream, code, count(*) AS count FROM dead_letters WHERE ${where} GROUP BY stream, code) AS counted
         JOIN streams ON streams.number = counted.stream ORDER BY count DESC, name, code`,
        ...given,
      )
      const page = `SELECT ${columns} ${named} WHERE ${where} ORDER BY dead_letters.number DESC LIMIT ? OFFSET ?`
      const rows = limit === 0 ? [] : all<StoredLetter>(page, ...given, limit, offset)
      return {
        total: groups.reduce((sum, { count }) => sum + count, 0),
        groups: groups.map((group) => ({ ...group })),
        rows: rows.map(letterOf),
      }
    },

    deadLettersAfter(number, filter, limit) {
      const { where, given } = conditionOf(filter)
      const sql = `SELECT ${columns} ${named} WHERE ${where} AND dead_letters.number > ?
        ORDER BY dead_letters.number LIMIT ?`
      return all<StoredLetter>(sql, ...given, number, limit).map(letterOf)
    },

    deadLetter(number) {
      return all<StoredLetter>(`SELECT ${columns} ${named} WHERE dead_letters.number = ?`, number).map(letterOf)[0]
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

/** Only what is asked for, so that an index can answer it. */
function conditionOf({ stream, ...rest }: DeadLetterFilter): {
  readonly where: string
  readonly given: SQLInputValue[]
} {
  const conditions: (readonly [condition: string, value: string | undefined])[] = [
    ['dead_letters.stream = (SELECT number FROM streams WHERE name = ?)', stream],
    ['code = ?', rest.code],
    ['scope = ?', rest.scope],
    ['state = ?', rest.state],
  ]
  const asked = conditions.filter(([, value]) => value !== undefined)
  const where = asked.length === 0 ? 'true' : asked.map(([condition]) => condition).join(' AND ')
  return { where, given: asked.map(([, value]) => value!) }
}

function letterOf({ partial, ...letter }: StoredLetter): DeadLetter {
  return { ...withoutNulls(letter), ...(partial === 1 ? { partial: true } : {}) }
}

/** What is null in the table is absent. */
function withoutNulls<Row extends object>(row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as Row
}

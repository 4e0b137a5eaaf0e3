import type { DeadLetterDetail, DeadLetterPage } from '../../src/platform/api/contract.ts'

const HOUR = 3_600_000_000
const END = Date.UTC(2001, 5, 30, 9, 24) * 1000

/** Forty letters with everything that a letter can have, newest first. */
const letters: readonly DeadLetterDetail[] = Array.from({ length: 40 }, (_, index) => letterAt(40 - index))

function letterAt(letter: number): DeadLetterDetail {
  const receivedAt = END - (40 - letter) * 3 * HOUR
  const common = { letter, receivedAt, scope: 'ingest', partial: false, state: 'open', attempts: 0 } as const
  const row = { flight: `WN${1200 + letter}`, origin: 'ORD', delay_min: '14 ', arrived_at: '2001-06-29T17:10:00Z' }
  if (letter % 5 === 0)
    return {
      ...common,
      ...{ stream: 'departures', code: 'missing_key', reason: "The key needs a value of 'flight'.", path: 'flight' },
      ...{
        state: 'discarded',
        row: JSON.stringify({ ...row, flight: null }),
        remedy: 'It was discarded: nothing more is to be done.',
      },
      history: [{ at: END, by: 'ada (asserted)', outcome: 'discarded', reason: 'A test of the airline.' }],
    }
  if (letter % 7 === 0)
    return {
      ...common,
      ...{ stream: 'arrivals', code: 'out_of_range', reason: '6001 in delay_min is above 6000.', path: 'delay_min' },
      ...{ attempts: 1, scope: 'import', source: '/data/2001-06.parquet', partial: true },
      row: JSON.stringify({ ...row, delay_min: 6001, crew: '***' }),
      history: [
        ...[
          {
            at: END,
            by: 'ben',
            outcome: 'rejected',
            how: 'by hand',
            code: 'out_of_range',
            reason: '6001 is above 6000.',
          },
        ],
      ] as DeadLetterDetail['history'],
      remedy: 'Part of the row was never kept, as it is sensitive or very long: give the whole row by hand.',
    }
  return {
    ...common,
    ...{
      stream: 'arrivals',
      code: 'wrong_type',
      reason: '"14 " in \'delay_min\' is no whole number.',
      path: 'delay_min',
    },
    ...{ row: JSON.stringify(row), history: [], mend: { set: ['delay_min = number(delay_min)'], drop: [] } },
    remedy: 'This was found to mend it; look whether it is what is meant.',
  }
}

/** The answer about one letter; undefined when there is none. */
export function letterDetail(number: number): DeadLetterDetail | undefined {
  return letters.find(({ letter }) => letter === number)
}

/** A page of the letters that a query asks for. */
export function letterPage(query: URLSearchParams, streams: DeadLetterPage['streams']): DeadLetterPage {
  const matches = letters.filter((letter) =>
    (['stream', 'code', 'state'] as const).every((name) => !query.has(name) || query.get(name) === letter[name]),
  )
  const offset = Number(query.get('offset') ?? 0)
  const groups = [...Map.groupBy(matches, ({ stream, code }) => `${stream} ${code}`).values()].map((group) => ({
    ...{ stream: group[0]!.stream, code: group[0]!.code, count: group.length },
  }))
  groups.sort((a, b) => b.count - a.count)
  const rows = matches.slice(offset, offset + Number(query.get('limit') ?? 20))
  const counts = Object.fromEntries(groups.map(({ code, count }) => [code, count]))
  return { streams, total: matches.length, counts, groups, rows: rows.map(({ history, remedy, mend, ...row }) => row) }
}

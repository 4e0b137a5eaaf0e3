import { HOUR } from '../../src/core/time.ts'
import type { Fleet, StreamQuality } from '../../src/platform/api/contract.ts'

type Verdict = StreamQuality['verdicts'][number]
type Column = NonNullable<StreamQuality['profile']>['columns'][number]

const ROWS = 48_211
const COLUMNS = 34

/** The quality of a stream of the scenario: a failing hour among passing ones; nothing yet where no row came. */
export function streamQuality(
  { streams, now }: Fleet,
  name: string,
  query: URLSearchParams,
): StreamQuality | undefined {
  const stream = streams.find((one) => one.name === name)
  if (stream === undefined) return undefined
  if (stream.accepted === 0 || name !== streams[0]!.name)
    return { stream: name, sentence: `${name} has no checks beyond its schema.`, checks: 0, verdicts: [] }
  const [limit, offset] = [Number(query.get('limit') ?? 20), Number(query.get('offset') ?? 0)]
  const verdicts = Array.from({ length: 40 }, (_, age) => verdictOf(age, now))
  return {
    stream: name,
    sentence: `${name} failed in 1 of 4 checks: until 2001-06-14T09:00:00Z, 1,204 rows, 31 refused. ${verdicts[0]!.results[0]!.sentence}`,
    checks: 4,
    verdicts,
    profile: {
      at: now - HOUR,
      rows: ROWS,
      total: COLUMNS,
      offset,
      columns: Array.from({ length: COLUMNS }, (_, index) => columnOf(index, now)).slice(offset, offset + limit),
    },
  }
}

function verdictOf(age: number, now: number): Verdict {
  const verdict = age === 0 || age === 17 ? 'fail' : age === 18 ? 'warn' : age > 36 ? 'insufficient' : 'pass'
  const result = (check: string, sentence: string): Verdict['results'][number] => ({
    ...{ check, sentence, severity: 'fail', verdict: 'pass' },
    n: 1204,
  })
  return {
    id: `verdict-${100 - age}`,
    scope: 'window',
    subject: 'stream/departures',
    batch: `until hour ${40 - age}`,
    at: now - age * HOUR,
    rows: 1204,
    rejected: verdict === 'fail' ? 31 : 0,
    verdict,
    results: [
      {
        ...result(
          'range of distance_mi: it must lie between 0 and 6,000',
          '31 of 1,204 rows have a distance_mi that is out of range; none may.',
        ),
        ...(verdict === 'pass' ? {} : { verdict, failing: 31, examples: ['-1', '99999'] }),
      },
      result('not null origin', "0 of 1,204 rows have a 'origin' that is missing; none may."),
      result(
        'mean of distance_mi: it must lie between 500 and 900',
        "The mean of 'distance_mi' is 711.2 (690.1 to 732.3) over 1,204 values; it must lie between 500 and 900.",
      ),
      result('origin in a set of 112', '0 of 1,204 rows have an origin that is none of the values allowed; none may.'),
    ],
  }
}

function columnOf(index: number, now: number): Column {
  const counts = Array.from({ length: 24 }, (_, bin) =>
    Math.round(ROWS * Math.exp(-((bin - 6 - (index % 9)) ** 2) / (4 + index))),
  )
  const base = {
    rows: ROWS,
    nulls: index % 5 === 0 ? Math.round(ROWS / (index + 3)) : 0,
    distinctIsExact: index % 3 > 0,
  }
  if (index === 1)
    return {
      ...{ ...base, name: 'origin', type: 'string', distinct: 112, distinctIsExact: true },
      top: ['ORD', 'ATL', 'DFW', 'LAX', 'PHX', 'STL'].map((value, rank) => ({
        value,
        count: Math.round(ROWS / (8 + rank * 3)),
      })),
      lengths: { min: 3, max: 3, mean: 3 },
    }
  if (index === 2) return { ...base, name: 'passport', type: 'string', sensitive: true, distinct: 40_112, top: [] }
  if (index === 3)
    return {
      ...{ ...base, name: 'scheduled_at', type: 'timestamp', distinct: 44_101 },
      top: [{ value: '2001-06-14T08:00:00Z', count: 12 }],
      numbers: {
        min: now - 30 * 24 * HOUR,
        max: now,
        mean: now - 15 * 24 * HOUR,
        zeros: 0,
        negatives: 0,
        quantiles: Array.from({ length: 7 }, (_, q) => now - (30 - q * 5) * 24 * HOUR),
      },
      picture: { from: now - 30 * 24 * HOUR, to: now, counts: counts.map((count) => 1000 + count) },
    }
  return {
    ...{
      ...base,
      name: index === 0 ? 'distance_mi' : `measure_with_a_long_name_${index}`,
      type: index % 2 === 0 ? 'int' : 'number',
    },
    distinct: 812 + index * 977,
    top: [{ value: String(index * 3), count: 411 }],
    numbers: {
      min: -index,
      max: 4962.25 + index,
      mean: 711.24,
      stddev: 540.1,
      zeros: 3,
      negatives: index,
      quantiles: [31, 100, 308, 571.5, 967, 1846, 2565],
    },
    picture: { from: -index, to: 4962.25, counts },
  }
}

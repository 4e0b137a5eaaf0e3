import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { virtualClock } from '../../src/core/clock.ts'
import { type Random, seededRandom } from '../../src/core/random.ts'
import { createIngest } from '../../src/data/features/ingest.ts'
import type { StreamDefinition } from '../../src/language/define/definitions.ts'
import type { EventLog } from '../../src/stores/log/event-log.ts'
import { openLog } from '../../src/stores/log/sqlite-event-log.ts'
import type { Law, LawReport } from './law.ts'

/** Cases that share a log, each with a stream of its own: opening a log takes longer than a case. */
const CASES_PER_LOG = 100
const START = 1_000_000_000_000

/** What a naive reading of the rules says of a row, and what else the log is to say in the end. */
interface Expected {
  readonly stream: StreamDefinition
  received: number
  duplicates: number
  /** Ids of the accepted rows in order. */
  readonly accepted: string[]
  /** Code and row of each rejected one. */
  readonly rejected: string[]
}

/** L11. Rows good and bad, repeated and changed, in calls of any size; counted before and after a restart. */
export const conservation: Law = {
  statement: 'In = accepted + rejected + duplicates, always; each rejected one can be found with its reason.',
  async run({ cases, seed }) {
    const tally = { rows: 0, other: 0, mismatches: 0 }
    let failure: LawReport['failure']
    for (let first = 0; first < cases; first += CASES_PER_LOG) {
      const last = Math.min(cases, first + CASES_PER_LOG)
      const seeds = Array.from({ length: last - first }, (_, index) => seed + first + index)
      for (const { seed: one, difference, expected } of await tryCases(seeds)) {
        tally.rows += expected.received
        tally.other += expected.received - expected.accepted.length
        if (difference === undefined) continue
        tally.mismatches += 1
        failure ??= { seed: one, difference, case: expected }
      }
    }
    const share = Math.round((tally.other / Math.max(1, tally.rows)) * 1000) / 1000
    return {
      cases,
      mismatches: tally.mismatches,
      non_empty_share: share,
      seed,
      ...(failure === undefined ? {} : { failure }),
    }
  },
}

async function tryCases(seeds: readonly number[]) {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-law-11-'))
  const path = join(folder.path, 'log.db')
  const clock = virtualClock(START)
  const log = await openLog(path, { clock })
  const tried = seeds.map((seed) => {
    const expected = takeRows(seededRandom(seed), `stream_${seed}`, log)
    return { seed, expected, before: log.conservation(expected.stream.name) }
  })
  await log.drained()
  await log.close()
  const again = await openLog(path, { clock })
  const judged = tried.map(({ seed, expected, before }) => {
    const after = again.conservation(expected.stream.name)
    const difference = differenceOf(expected, again, JSON.stringify([before, after]))
    return { seed, expected, difference }
  })
  await again.close()
  return judged
}

function differenceOf({ stream, received, duplicates, accepted, rejected }: Expected, log: EventLog, counted: string) {
  const counters = { received, accepted: accepted.length, duplicates, rejected: rejected.length, mended: 0 }
  const letters = log.deadLetters({ stream: stream.name, limit: received + 1 })
  const stored = log.readTail(stream.name, 0, log.nextOffset, received + 1)
  const comparisons: readonly (readonly [string, unknown, unknown])[] = [
    ['counters', counted, JSON.stringify([counters, counters])],
    ['sum', received, accepted.length + duplicates + rejected.length],
    ['accepted', stored.map(({ id }) => id), accepted],
    ['rejected', letters.rows.map(({ code, row }) => `${code} ${row}`).reverse(), rejected],
    ['reasons', letters.rows.filter(({ reason }) => reason.length < 5), []],
  ]
  const wrong = comparisons.find(([, actual, expected]) => JSON.stringify(actual) !== JSON.stringify(expected))
  return wrong === undefined
    ? undefined
    : `${wrong[0]}: ${JSON.stringify(wrong[1])} instead of ${JSON.stringify(wrong[2])}`
}

function takeRows(random: Random, name: string, log: EventLog): Expected {
  const within = 10 * random.integer(3)
  const stream: StreamDefinition = {
    kind: 'stream',
    name,
    schema: {
      id: { type: 'string' },
      at: { type: 'timestamp' },
      whole: { type: 'int', min: 0, max: 3, nullable: true },
      secret: { type: 'string', sensitive: true, maxLength: 2, nullable: true },
    },
    key: ['id'],
    id: ['id'],
    time: 'at',
    knownAt: { lag: 0 },
    ahead: 3,
    corrections: { within },
  }
  const expected: Expected = { stream, received: 0, duplicates: 0, accepted: [], rejected: [] }
  const seen = new Map<string, string>()
  const ingest = createIngest({ streams: { [name]: stream }, log, onAccepted: () => {} })
  for (let call = random.integer(6); call > 0; call -= 1) {
    const rows = Array.from({ length: random.integer(12) }, () => generateRow(random))
    ingest.take(name, rows)
    for (const row of rows) judge(row, expected, seen)
  }
  return expected
}

/** What may be wrong with a row, in the order of the columns. */
function generateRow(random: Random): Record<string, unknown> {
  const rarely = <Item>(item: Item, otherwise: Item) => (random.integer(10) === 0 ? item : otherwise)
  return {
    id: rarely<unknown>(rarely<unknown>(7, null), `id ${random.integer(8)}`),
    at: rarely<unknown>('soon', START + random.integer(30) - 24),
    whole: rarely<unknown>('3', random.integer(5)),
    secret: rarely('long', rarely('x', 'y')),
    ...(random.integer(20) === 0 ? { extra: 1 } : {}),
    ...(random.integer(20) === 0 ? { _revision: 1 } : {}),
  }
}

/** The rules for rows of `takeRows`, said as plainly as possible. */
function judge(row: Record<string, unknown>, expected: Expected, seen: Map<string, string>): void {
  const { ahead, corrections } = expected.stream
  const { id, at, whole, secret } = row as { id: string; at: number; whole: number; secret: string }
  const content = JSON.stringify([at, whole, secret])
  expected.received += 1
  const codes: readonly (readonly [boolean, string])[] = [
    ['_revision' in row, 'revisions_unsupported'],
    [id === null, 'missing_key'],
    [typeof id !== 'string', 'wrong_type'],
    [typeof at !== 'number', 'invalid_timestamp'],
    [typeof whole !== 'number', 'wrong_type'],
    [whole > 3, 'out_of_range'],
    [secret.length > 2, 'invalid_string'],
    ['extra' in row, 'unknown_column'],
    [at - START > ahead, 'event_in_future'],
    [START - at > corrections.within, 'event_too_late'],
    [seen.has(id) && seen.get(id) !== content, 'revision_conflict'],
  ]
  const fault = codes.find(([applies]) => applies)
  if (fault !== undefined) {
    const shown = {
      ...row,
      secret: '***',
      ...('extra' in row ? { extra: '***' } : {}),
      ...('_revision' in row ? { _revision: '***' } : {}),
    }
    expected.rejected.push(`${fault[1]} ${JSON.stringify(shown)}`)
  } else if (seen.has(id)) {
    expected.duplicates += 1
  } else {
    seen.set(id, content)
    expected.accepted.push(id)
  }
}

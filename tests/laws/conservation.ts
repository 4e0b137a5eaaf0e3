import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type VirtualClock, virtualClock } from '../../src/core/clock.ts'
import { type Random, seededRandom } from '../../src/core/random.ts'
import { createIngest, type Ingest, type Retry } from '../../src/data/features/ingest.ts'
import type { StreamDefinition } from '../../src/language/define/definitions.ts'
import { openLake } from '../../src/stores/lake/parquet-lake.ts'
import type { Conservation } from '../../src/stores/log/dead-letter.ts'
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
  /** Rows rejected at first that were accepted, or duplicates, when they were tried again with other values. */
  mended: number
  /** Id, revision and tombstone of the accepted rows in order. */
  readonly accepted: string[]
  /** Code and row of each rejected one, what became of its letter, and how often it was tried again. */
  readonly rejected: { readonly letter: string; state: 'open' | 'fixed'; attempts: number }[]
}

/**
 * L11. Rows good and bad, repeated, corrected and deleted, in calls of any size while time goes on, and rejected ones tried
 * again with other values; counted before and after a restart.
 */
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
  const logPath = join(folder.path, 'log.db')
  const clock = virtualClock(START)
  const log = await openLog(logPath, { clock })
  const cases = seeds.map((seed) => {
    const random = seededRandom(seed)
    return { seed, random, stream: generateStream(random, `stream_${seed}`) }
  })
  const streams = Object.fromEntries(cases.map(({ stream }) => [stream.name, stream]))
  const lake = await openLake({ folder: join(folder.path, 'lake'), log, logPath, streams })
  const tried: { seed: number; expected: Expected; before: Conservation }[] = []
  for (const { seed, random, stream } of cases) {
    const { readEvents } = lake
    const ingest = createIngest({ streams: { [stream.name]: stream }, log, readEvents, onAccepted: () => {} })
    const expected = await takeRows(random, stream, ingest, log, clock)
    tried.push({ seed, expected, before: log.conservation(stream.name) })
  }
  await lake.close()
  await log.close()
  const again = await openLog(logPath, { clock })
  const judged = tried.map(({ seed, expected, before }) => {
    const after = again.conservation(expected.stream.name)
    const difference = differenceOf(expected, again, JSON.stringify([before, after]))
    return { seed, expected, difference }
  })
  await again.close()
  return judged
}

function differenceOf(
  { stream, received, duplicates, mended, accepted, rejected }: Expected,
  log: EventLog,
  counted: string,
) {
  const open = rejected.length - mended
  const counters = { received, accepted: accepted.length, duplicates, rejected: open, mended }
  const letters = log.deadLetters({ stream: stream.name, limit: received + 1 })
  const stored = log.readTail(stream.name, 0, log.nextOffset, received + 1)
  const comparisons: readonly (readonly [string, unknown, unknown])[] = [
    ['counters', counted, JSON.stringify([counters, counters])],
    ['sum', received, accepted.length + duplicates + open],
    ['accepted', stored.map(({ id, revision, tombstone }) => `${id} ${revision} ${tombstone}`), accepted],
    [
      'rejected',
      letters.rows.map(({ code, row, state, attempts }) => ({ letter: `${code} ${row}`, state, attempts })).reverse(),
      rejected,
    ],
    ['attempts', letters.rows.filter(({ number, attempts }) => log.letterHistory(number).length !== attempts), []],
    ['reasons', letters.rows.filter(({ reason }) => reason.length < 5), []],
  ]
  const wrong = comparisons.find(([, actual, expected]) => JSON.stringify(actual) !== JSON.stringify(expected))
  return wrong === undefined
    ? undefined
    : `${wrong[0]}: ${JSON.stringify(wrong[1])} instead of ${JSON.stringify(wrong[2])}`
}

function generateStream(random: Random, name: string): StreamDefinition {
  return {
    kind: 'stream',
    name,
    schema: {
      id: { type: 'string' },
      at: { type: 'timestamp' },
      whole: { type: 'int', min: 0, max: 3 },
      secret: { type: 'string', sensitive: true, maxLength: 2, nullable: true },
    },
    key: ['id'],
    id: ['id'],
    time: 'at',
    knownAt: { lag: 0 },
    ahead: 3,
    corrections: { within: 10 * random.integer(3) },
  }
}

async function takeRows(
  random: Random,
  stream: StreamDefinition,
  ingest: Ingest,
  log: EventLog,
  clock: VirtualClock,
): Promise<Expected> {
  const expected: Expected = { stream, received: 0, duplicates: 0, mended: 0, accepted: [], rejected: [] }
  const lives = new Map<string, Life>()
  for (let call = random.integer(6); call > 0; call -= 1) {
    const now = clock.now() + random.integer(12)
    clock.advanceTo(now)
    const rows = Array.from({ length: random.integer(12) }, () => generateRow(random, now))
    await ingest.whenReady(stream.name, rows, (past) => ingest.take(stream.name, rows, undefined, past))
    for (const row of rows) {
      const fault = judge(row, now, expected, lives)
      expected.received += 1
      if (fault === undefined) continue
      const letter = `${fault} ${JSON.stringify(masked(row))}`
      expected.rejected.push({ letter, state: 'open', attempts: 0 })
    }
    if (random.integer(2) === 0) await tryAgain(random, expected, lives, ingest, log, now)
  }
  return expected
}

/** Tries rows of some open letters again, with other values: many are rejected again. */
async function tryAgain(
  random: Random,
  expected: Expected,
  lives: Map<string, Life>,
  ingest: Ingest,
  log: EventLog,
  now: number,
): Promise<void> {
  const { name } = expected.stream
  await log.drained()
  const letters = log.deadLettersAfter(0, { stream: name }, expected.rejected.length)
  const chosen = letters.filter(({ state }) => state === 'open' && random.integer(3) === 0)
  const rows = chosen.map(() => generateRow(random, now))
  const retry: Retry = (index, outcome) => {
    const state = outcome === 'rejected' ? 'open' : 'fixed'
    return { letter: chosen[index]!.number, outcome, state, by: 'the law' }
  }
  await ingest.whenReady(name, rows, (past) => ingest.take(name, rows, retry, past))
  for (const [index, row] of rows.entries()) {
    const letter = expected.rejected[letters.indexOf(chosen[index]!)]!
    letter.attempts += 1
    if (judge(row, now, expected, lives) !== undefined) continue
    letter.state = 'fixed'
    expected.mended += 1
  }
}

/** What may be wrong with a row, in the order of the columns. */
function generateRow(random: Random, now: number): Record<string, unknown> {
  const rarely = <Item>(item: Item, otherwise: Item) => (random.integer(10) === 0 ? item : otherwise)
  const isTombstone = random.integer(8) === 0
  const values = {
    whole: rarely<unknown>('3', random.integer(5)),
    secret: rarely('long', rarely('x', 'y')),
  }
  return {
    id: rarely<unknown>(rarely<unknown>(7, null), `id ${random.integer(8)}`),
    at: rarely<unknown>('soon', now + random.integer(30) - 24),
    ...(random.integer(isTombstone ? 2 : 30) === 0 ? {} : values),
    ...(random.integer(20) === 0 ? { extra: 1 } : {}),
    ...(random.integer(3) === 0 ? { _revision: rarely<unknown>(rarely<unknown>('1', -1), random.integer(4)) } : {}),
    ...(isTombstone ? { _tombstone: rarely<unknown>('yes', true) } : {}),
  }
}

/** What one event's rows have been so far, by revision. */
interface Life {
  latest: number
  readonly contents: Map<number, string>
}

/** The rules for rows of `takeRows`, said as plainly as possible: the code of a row that is rejected. */
function judge(
  row: Record<string, unknown>,
  now: number,
  expected: Expected,
  lives: Map<string, Life>,
): string | undefined {
  const { ahead, corrections } = expected.stream
  const { id, at, whole, secret } = row as { id: string; at: number; whole?: number; secret?: string }
  const revision = (row['_revision'] ?? 0) as number
  const tombstone = row['_tombstone'] ?? false
  const content = JSON.stringify([at, whole ?? null, secret ?? null, tombstone])
  const known = lives.get(id)
  const life = known !== undefined && now - known.latest <= corrections.within ? known : undefined
  const codes: readonly (readonly [boolean, string])[] = [
    [typeof tombstone !== 'boolean', 'wrong_type'],
    [typeof revision !== 'number' || revision < 0, 'wrong_type'],
    [tombstone === true && revision === 0, 'out_of_range'],
    [id === null, 'missing_key'],
    [typeof id !== 'string', 'wrong_type'],
    [typeof at !== 'number', 'invalid_timestamp'],
    [whole === undefined && tombstone !== true, 'missing_column'],
    [whole !== undefined && typeof whole !== 'number', 'wrong_type'],
    [whole !== undefined && whole > 3, 'out_of_range'],
    [secret !== undefined && secret.length > 2, 'invalid_string'],
    ['extra' in row, 'unknown_column'],
    [at - now > ahead, 'event_in_future'],
    [now - at > corrections.within, 'event_too_late'],
    [life?.contents.has(revision) === true && life.contents.get(revision) !== content, 'revision_conflict'],
  ]
  const fault = codes.find(([applies]) => applies)
  if (fault !== undefined) return fault[1]
  if (life?.contents.has(revision) === true) expected.duplicates += 1
  else {
    if (life === undefined) lives.set(id, { latest: at, contents: new Map([[revision, content]]) })
    else {
      life.contents.set(revision, content)
      life.latest = Math.max(life.latest, at)
    }
    expected.accepted.push(`${id} ${revision} ${Number(tombstone)}`)
  }
  return undefined
}

/** What a dead letter shows of a row: nothing sensitive, and no member that may be a sensitive one misspelt. */
function masked(row: Record<string, unknown>): Record<string, unknown> {
  const isShown = (name: string, value: unknown) =>
    ['id', 'at', 'whole'].includes(name) || (name.startsWith('_') && typeof value !== 'string')
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, isShown(name, value) ? value : '***']))
}

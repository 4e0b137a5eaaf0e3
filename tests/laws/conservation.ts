import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type VirtualClock, virtualClock } from '../../src/core/clock.ts'
import { type Random, seededRandom } from '../../src/core/random.ts'
import { createIngest, type Ingest } from '../../src/data/features/ingest.ts'
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
  /** Id, revision and tombstone of the accepted rows in order. */
  readonly accepted: string[]
  /** Code and row of each rejected one. */
  readonly rejected: string[]
}

/**
 * L11. Rows good and bad, repeated, corrected and deleted, in calls of any size while time goes on; counted before and
 * after a restart.
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
    const expected = await takeRows(random, stream, ingest, clock)
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

function differenceOf({ stream, received, duplicates, accepted, rejected }: Expected, log: EventLog, counted: string) {
  const counters = { received, accepted: accepted.length, duplicates, rejected: rejected.length, mended: 0 }
  const letters = log.deadLetters({ stream: stream.name, limit: received + 1 })
  const stored = log.readTail(stream.name, 0, log.nextOffset, received + 1)
  const comparisons: readonly (readonly [string, unknown, unknown])[] = [
    ['counters', counted, JSON.stringify([counters, counters])],
    ['sum', received, accepted.length + duplicates + rejected.length],
    ['accepted', stored.map(({ id, revision, tombstone }) => `${id} ${revision} ${tombstone}`), accepted],
    ['rejected', letters.rows.map(({ code, row }) => `${code} ${row}`).reverse(), rejected],
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
  clock: VirtualClock,
): Promise<Expected> {
  const expected: Expected = { stream, received: 0, duplicates: 0, accepted: [], rejected: [] }
  const lives = new Map<string, Life>()
  for (let call = random.integer(6); call > 0; call -= 1) {
    const now = clock.now() + random.integer(12)
    clock.advanceTo(now)
    const rows = Array.from({ length: random.integer(12) }, () => generateRow(random, now))
    ingest.take(stream.name, rows, undefined, await ingest.lookUp(stream.name, rows))
    for (const row of rows) judge(row, now, expected, lives)
  }
  return expected
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

/** The rules for rows of `takeRows`, said as plainly as possible. */
function judge(row: Record<string, unknown>, now: number, expected: Expected, lives: Map<string, Life>): void {
  const { ahead, corrections } = expected.stream
  const { id, at, whole, secret } = row as { id: string; at: number; whole?: number; secret?: string }
  const revision = (row['_revision'] ?? 0) as number
  const tombstone = row['_tombstone'] ?? false
  const content = JSON.stringify([at, whole ?? null, secret ?? null, tombstone])
  const known = lives.get(id)
  const life = known !== undefined && now - known.latest <= corrections.within ? known : undefined
  expected.received += 1
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
  if (fault !== undefined) expected.rejected.push(`${fault[1]} ${JSON.stringify(masked(row))}`)
  else if (life?.contents.has(revision) === true) expected.duplicates += 1
  else {
    if (life === undefined) lives.set(id, { latest: at, contents: new Map([[revision, content]]) })
    else {
      life.contents.set(revision, content)
      life.latest = Math.max(life.latest, at)
    }
    expected.accepted.push(`${id} ${revision} ${Number(tombstone)}`)
  }
}

/** What a dead letter shows of a row: nothing sensitive, and no member that may be a sensitive one misspelt. */
function masked(row: Record<string, unknown>): Record<string, unknown> {
  const isShown = (name: string, value: unknown) =>
    ['id', 'at', 'whole'].includes(name) || (name.startsWith('_') && typeof value !== 'string')
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, isShown(name, value) ? value : '***']))
}

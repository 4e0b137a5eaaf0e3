import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { virtualClock } from '../../src/core/clock.ts'
import { type Random, seededRandom } from '../../src/core/random.ts'
import { createFeatureEngine } from '../../src/data/features/feature-engine.ts'
import { createIngest } from '../../src/data/features/ingest.ts'
import type { ProjectDefinition } from '../../src/language/define/definitions.ts'
import { createDictionary } from '../../src/language/expr/dictionary.ts'
import { createDeadLetterDesk } from '../../src/platform/app/dead-letters.ts'
import { type RestartCase, restartCase, rowOf } from './restart-case.ts'
import { openStores } from './restart-stores.ts'

const CASES = 12

/** What a run does: rows come, and now and then those that came broken are mended. */
type Turn =
  | { readonly kind: 'rows'; readonly at: number; readonly rows: readonly Record<string, unknown>[] }
  | { readonly kind: 'mend'; readonly at: number }

/** Rows come a few at a time; where `whole` is a number it may come as its text. */
function turnsOf({ lawCase }: RestartCase, random: Random): { turns: Turn[]; broken: Set<object> } {
  const turns: Turn[] = []
  const broken = new Set<object>()
  let rows: Record<string, unknown>[] = []
  for (const event of lawCase.events) {
    const row = rowOf(event)
    if (typeof row['whole'] === 'number' && random.integer(3) === 0) broken.add(row)
    rows.push(row)
    if (random.integer(5) > 0) continue
    turns.push({ kind: 'rows', at: event.knownAt, rows })
    rows = []
    if (random.integer(3) === 0) turns.push({ kind: 'mend', at: event.knownAt })
  }
  const at = lawCase.events.at(-1)?.knownAt ?? 0
  return { turns: [...turns, { kind: 'rows', at, rows }, { kind: 'mend', at }], broken }
}

/**
 * Runs a case on a log of its own.
 * @param mends whether rows come broken and are mended as dead letters; else they come right at the moment of mending
 */
async function run(restarted: RestartCase, { turns, broken }: ReturnType<typeof turnsOf>, mends: boolean) {
  const { stream, lawCase } = restarted
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-mending-'))
  const clock = virtualClock(turns[0]!.at)
  const { log, lake, close } = await openStores(folder.path, clock, stream)
  const entity = { kind: 'entity', name: 'thing', key: { thing: { type: 'string' } } } as const
  const definition = { ...lawCase.definition, keys: { thing: 'key' } }
  const engine = createFeatureEngine([{ digest: 'sha256:0', definition, stream, entity }], createDictionary())
  const offsets: string[] = []
  const applyEvents: Parameters<typeof createIngest>[0]['onAccepted'] = (batch) => {
    engine.apply(batch)
    for (let index = 0; index < batch.length; index += 1)
      offsets.push(`${batch.offset[index]} ${batch.id[index]} ${batch.knownAt[index]}`)
  }
  const { readEvents } = lake
  const ingest = createIngest({ streams: { [stream.name]: stream }, log, readEvents, onAccepted: applyEvents })
  const project = { streams: { [stream.name]: stream } } as unknown as ProjectDefinition
  const desk = createDeadLetterDesk({ project, log, lake, ingest, applyEvents, clock }, async () => [])
  const set = ['whole = number(whole)']
  let waiting: Record<string, unknown>[] = []
  for (const turn of turns) {
    clock.advanceTo(turn.at)
    if (turn.kind === 'rows') {
      const given = turn.rows.map((row) => (broken.has(row) ? { ...row, whole: String(row['whole']) } : row))
      await ingest.ingest(stream.name, mends ? given : turn.rows.filter((row) => !broken.has(row)))
      waiting.push(...turn.rows.filter((row) => broken.has(row)))
    } else if (mends) {
      await desk.fix({ stream: stream.name, set, apply: true }, { name: 'the law', asserted: true })
      // Asking again must change nothing.
      await desk.fix({ stream: stream.name, set, apply: true }, { name: 'the law', asserted: true })
    } else {
      await ingest.ingest(stream.name, waiting)
      waiting = []
    }
  }
  const group = engine.groups()[0]!
  const width = Object.keys(definition.select).length
  const vectors = lawCase.queries.map(({ entity: name, t }) => {
    const values = new Float64Array(width)
    const statuses = new Uint8Array(width)
    const isKnown = group.live.read(group.keyOf([name])?.text ?? '', t, values, statuses, 0)
    return { isKnown, values: Array.from(new BigInt64Array(values.buffer), String), statuses: [...statuses] }
  })
  const { accepted, duplicates, received, rejected, mended } = log.conservation(stream.name)
  const letters = log.deadLetters({ limit: 10_000 }).rows
  expect(received).toBe(accepted + duplicates + rejected)
  expect(letters.filter(({ state }) => state === 'open')).toHaveLength(rejected)
  expect(letters.filter(({ state }) => state === 'fixed')).toHaveLength(mended)
  await close()
  return { mended, rejected, state: { offsets, vectors, accepted } }
}

test('dead letters that are mended give the state of a run in which their rows came right at that moment, bit for bit', async () => {
  const tally = { mended: 0, rejected: 0, vectors: 0 }
  for (let seed = 1; seed <= CASES; seed += 1) {
    const restarted = restartCase(seed)
    const turns = turnsOf(restarted, seededRandom(seed))
    const clean = await run(restarted, turns, false)
    const mended = await run(restarted, turns, true)
    expect(mended.state, `seed ${seed}`).toEqual(clean.state)
    tally.mended += mended.mended
    tally.rejected += mended.rejected
    tally.vectors += clean.state.vectors.length
  }
  expect(tally.mended).toBeGreaterThan(CASES)
  expect(tally.rejected).toBeGreaterThan(CASES / 2)
  expect(tally.vectors).toBeGreaterThan(CASES)
})

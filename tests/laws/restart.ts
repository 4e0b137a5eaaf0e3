import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { virtualClock } from '../../src/core/clock.ts'
import { type Random, seededRandom } from '../../src/core/random.ts'
import type { StreamDefinition } from '../../src/language/define/definitions.ts'
import type { Lake } from '../../src/stores/lake/lake.ts'
import { valueAt } from '../../src/stores/log/event-batch.ts'
import type { EventLog } from '../../src/stores/log/event-log.ts'
import { type Comparison, firstDifference, type Law, type LawReport } from './law.ts'
import { type LawEvent, oracle } from './oracle.ts'
import { answersOf, readerOf } from './restart-answers.ts'
import { type RestartCase, restartCase, withLives } from './restart-case.ts'
import { groupOf, openState, openStores } from './restart-stores.ts'

/** A case starts processes and kills them: it counts for this many. */
const CASES_PER_CASE = 200

/** L7. A process takes batches, imports, flushes and predictions, and is killed at any moment, several times. */
export const restart: Law = {
  statement: 'kill -9 anywhere, restart: every answer as without it; nothing accepted lost or counted twice.',
  casesForOne: CASES_PER_CASE,
  async run({ cases, seed }) {
    const count = Math.max(1, Math.round(cases / CASES_PER_CASE))
    const tally = { compared: 0, nonEmpty: 0, mismatches: 0 }
    let failure: LawReport['failure']
    for (let index = 0; index < count; index += 1) {
      const { difference, comparisons } = await tryCase(seed + index)
      for (const { expected } of comparisons) {
        tally.compared += expected.length
        tally.nonEmpty += expected.filter(({ status }) => status === 'value' || status === 'null').length
      }
      if (difference === undefined) continue
      tally.mismatches += 1
      failure ??= { seed: seed + index, difference, case: restartCase(seed + index) }
    }
    const { compared, nonEmpty, mismatches } = tally
    const share = compared === 0 ? 0 : Math.round((nonEmpty / compared) * 1000) / 1000
    return { cases: count, mismatches, non_empty_share: share, seed, ...(failure === undefined ? {} : { failure }) }
  },
}

interface Judgement {
  readonly difference: string | undefined
  readonly comparisons: readonly Comparison[]
}

async function tryCase(seed: number): Promise<Judgement> {
  const random = seededRandom(seed)
  const restarted = restartCase(seed)
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-law-7-'))
  let next = 0
  for (let kills = 1 + random.integer(3); next < restarted.steps.length; kills -= 1)
    next = await runChild(folder.path, seed, next, restarted.steps.length, kills > 0 ? random : undefined)
  const last = restarted.steps.at(-1)!
  const { log, lake, close } = await openStores(folder.path, virtualClock(last.at), restarted.stream)
  try {
    return await judge(restarted, folder.path, log, lake)
  } finally {
    await close()
  }
}

/** Runs the child from a step on, kills it at some moment when there is a `random`, and gives the step to go on with. */
async function runChild(
  folder: string,
  seed: number,
  first: number,
  end: number,
  random: Random | undefined,
): Promise<number> {
  const module = fileURLToPath(new URL('./restart-child.ts', import.meta.url))
  const child = spawn(process.execPath, [module, folder, String(seed), String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const killAfter = random === undefined ? end : first + random.integer(end - first)
  const delay = random === undefined ? 0 : random.integer(6)
  let next = first
  for await (const line of createInterface(child.stdout)) {
    next = Number(line) + 1
    if (next - 1 !== killAfter) continue
    await setTimeout(delay)
    child.kill('SIGKILL')
  }
  const [code] = await exited
  if (random === undefined && code !== 0) throw new Error(`The child of seed ${seed} ended with ${code}.`)
  return next
}

async function judge(
  { lawCase, stream, steps, accepted }: RestartCase,
  folder: string,
  log: EventLog,
  lake: Lake,
): Promise<Judgement> {
  const stored = await storedEvents(stream, lake)
  const { received, duplicates, rejected } = log.conservation(stream.name)
  const differences = [
    compare('stored events', stored.map(contentOf).sort(), accepted.map(contentOf).sort()),
    compare(
      'offsets',
      stored.map(({ position }) => position),
      stored.map((_, index) => index),
    ),
    compare('next offset', log.nextOffset, stored.length),
    compare('conservation', received, stored.length + duplicates + rejected),
    compare('dead letters', log.deadLetters({}).total, rejected),
  ]
  const predicted = new Set<number>()
  for await (const block of log.scanPredictions()) {
    predicted.add(block.score[0]!)
    if (block.offsets[0]![0]! >= log.nextOffset) differences.push('a prediction reads an event that is not in the log')
  }
  for (const [index, { kind }] of steps.entries())
    if (kind === 'predict' && !predicted.has(index)) differences.push(`the prediction of step ${index} is lost`)
  const asked = lawCase.queries
    .map((query) => ({ ...query, cut: Math.min(query.cut, stored.length) }))
    .sort((a, b) => a.cut - b.cut)
  const { engine, rebuilt } = await openState(folder, groupOf({ ...lawCase, stream }), { log, lake })
  if (rebuilt !== undefined) differences.push(rebuilt)
  const readNow = readerOf({ ...lawCase, stream }, engine)
  const { served, replayed, historical } = await answersOf({ ...lawCase, stream, queries: asked }, lake)
  const lives = withLives(stored, stream.corrections.within)
  const comparisons = asked.flatMap((query, index): Comparison[] => {
    const expected = oracle(lawCase.definition, stream, lives.slice(0, query.cut), query.entity, query.t)
    const live = served[index]
    const now = readNow(query)
    const expectedNow = oracle(lawCase.definition, stream, lives, query.entity, query.t)
    const known = lives.filter(({ knownAt }) => knownAt < query.t)
    const expectedThen = oracle(lawCase.definition, stream, known, query.entity, query.t)
    return [
      ...(now === undefined ? [] : [{ what: 'of the saved state', query, expected: expectedNow, actual: now }]),
      { what: 'replayed after restarts', query, expected, actual: replayed[index]! },
      { what: 'as it was known then', query, expected: expectedThen, actual: historical[index]! },
      ...(live === undefined ? [] : [{ what: 'served after restarts', query, expected, actual: live }]),
    ]
  })
  return { difference: differences.find((one) => one !== undefined) ?? firstDifference(comparisons), comparisons }
}

/** The log's rows, in the order of their offsets. */
async function storedEvents(stream: StreamDefinition, lake: Lake): Promise<LawEvent[]> {
  const stored: LawEvent[] = []
  for await (const batch of lake.scanEvents(stream.name))
    for (let index = 0; index < batch.length; index += 1) {
      const values = Object.fromEntries(
        Object.entries(stream.schema).map(([name, { type }], column) => [
          name,
          valueAt(batch.columns[column]!, index, type),
        ]),
      )
      stored.push({
        id: batch.id[index]!,
        revision: batch.revisions?.revision[index] ?? 0,
        tombstone: batch.revisions?.tombstone[index] === 1,
        entity: values['key'] as string,
        eventTime: batch.eventTime[index]!,
        knownAt: batch.knownAt[index]!,
        position: batch.offset[index]!,
        values,
      })
    }
  return stored
}

function contentOf({ id, revision, tombstone, entity, eventTime, values }: LawEvent): string {
  const sorted = Object.entries(tombstone ? {} : values)
    .filter(([name]) => name !== 'event' && name !== 'key')
    .sort()
  const content = sorted.map(([name, value]) => [name, value === 0 ? 0 : value])
  return JSON.stringify([id, revision, tombstone, entity, eventTime, content])
}

function compare(what: string, actual: unknown, expected: unknown): string | undefined {
  const [left, right] = [JSON.stringify(actual), JSON.stringify(expected)]
  return left === right ? undefined : `${what}: ${left} instead of ${right}`
}

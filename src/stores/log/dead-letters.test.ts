import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import type { NewDeadLetter } from './dead-letter.ts'
import { type NewEvents, noEvents } from './event-log.ts'
import { openLog } from './sqlite-event-log.ts'

const START = 1_000_000_000_000_000
const folder = () => mkdtempDisposable(join(tmpdir(), 'trueline-letters-'))
const letter = (name: string): NewDeadLetter => ({
  stream: 'arrivals',
  scope: 'ingest',
  code: 'wrong_type',
  reason: "true in 'delay' is no number.",
  row: JSON.stringify({ name }),
})
const event = (id: string): NewEvents => ({
  length: 1,
  ids: [id],
  keys: ['sa'],
  partitions: Uint8Array.of(0),
  eventTimes: Float64Array.of(START),
  rows: ['{}'],
})

test('a row that is tried again stays one letter, counts once, and is settled in the commit that accepts it', async () => {
  await using directory = await folder()
  const path = join(directory.path, 'log.db')
  const clock = virtualClock(START)
  const log = await openLog(path, { clock })
  const letters = ['a', 'b', 'c', 'd'].map(letter)
  log.append({ stream: 'arrivals', events: noEvents, duplicates: 0, rejected: letters })
  await log.drained()
  expect(log.conservation('arrivals')).toEqual({ received: 4, accepted: 0, duplicates: 0, rejected: 4, mended: 0 })

  clock.advanceTo(START + 1)
  const by = 'ada'
  log.append({
    stream: 'arrivals',
    events: event('a'),
    duplicates: 1,
    rejected: [],
    retried: [
      { letter: 1, outcome: 'accepted', state: 'fixed', by, how: 'delay = 1', row: '{"delay":1}' },
      { letter: 2, outcome: 'duplicate', state: 'replayed', by },
      { letter: 3, outcome: 'rejected', state: 'open', by, code: 'missing_key', reason: 'The key is missing.' },
    ],
  })
  log.changeLetters([{ letter: 4, outcome: 'discarded', state: 'discarded', by, reason: 'A test row.' }])
  await log.close()

  const again = await openLog(path, { clock })
  expect(again.conservation('arrivals')).toEqual({ received: 4, accepted: 1, duplicates: 1, rejected: 2, mended: 2 })
  const rows = again.deadLetters({}).rows.map(({ number, state, attempts }) => [number, state, attempts])
  expect(rows).toEqual([
    [4, 'discarded', 0],
    [3, 'open', 1],
    [2, 'replayed', 1],
    [1, 'fixed', 1],
  ])
  expect(again.letterHistory(1)).toEqual([
    {
      ...{ letter: 1, at: START + 1, outcome: 'accepted', state: 'fixed', by },
      ...{ how: 'delay = 1', row: '{"delay":1}' },
    },
  ])
  expect(again.letterHistory(3)).toMatchObject([{ outcome: 'rejected', state: 'open', code: 'missing_key' }])
  expect(again.deadLetter(2)).toMatchObject({ number: 2, code: 'wrong_type' })
  expect(again.deadLetter(9)).toBeUndefined()
  await again.close()
})

test('letters are read by state, and lowest first above a number', async () => {
  await using directory = await folder()
  const log = await openLog(join(directory.path, 'log.db'), { clock: virtualClock(START) })
  log.appendDeadLetters(['a', 'b', 'c', 'd'].map(letter))
  log.changeLetters([{ letter: 2, outcome: 'discarded', state: 'discarded', by: 'ada' }])
  await log.drained()
  expect(log.deadLetters({ state: 'open' })).toMatchObject({ total: 3, groups: [{ count: 3 }] })
  const after = (number: number, limit: number) =>
    log.deadLettersAfter(number, { stream: 'arrivals', state: 'open' }, limit).map((one) => one.number)
  expect(after(0, 2)).toEqual([1, 3])
  expect(after(3, 2)).toEqual([4])
  await log.close()
})

test('what was done with a letter is never changed', async () => {
  await using directory = await folder()
  const path = join(directory.path, 'log.db')
  const log = await openLog(path, { clock: virtualClock(START) })
  log.appendDeadLetters([letter('a')])
  log.changeLetters([{ letter: 1, outcome: 'discarded', state: 'discarded', by: 'ada', reason: 'A test row.' }])
  await log.close()
  const database = new DatabaseSync(path)
  for (const sql of [
    "UPDATE dead_letter_history SET reason = 'Other.'",
    'DELETE FROM dead_letter_history',
    "INSERT OR REPLACE INTO dead_letter_history SELECT entry, letter, at, outcome, state, 'eve', how, code, reason, row FROM dead_letter_history",
  ])
    expect(() => database.exec(sql)).toThrow('append-only')
  database.close()
})

import { spawn } from 'node:child_process'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import { DAY, MINUTE, SECOND } from '../../core/time.ts'
import type { PredictionFilter } from '../log/event-log.ts'
import type { PredictionLayout } from '../log/prediction-block.ts'
import { predictionColumns } from './prediction-columns.ts'
import { layout, logged, open, prediction, START, temporary } from './predictions.fixture.ts'
import type { NewestPage, Predictions } from './predictions.ts'

async function idsOf(predictions: Predictions, filter?: PredictionFilter): Promise<string[]> {
  const ids: string[] = []
  for await (const batch of predictions.scan(filter))
    for (let index = 0; index < batch.length; index += 1) ids.push(batch.id(index))
  return ids
}

test('a prediction is the same to the bit from the log and from the lake, by its id and in a scan', async () => {
  await using folder = await temporary()
  await using stores = await open(folder.path)
  const { log, predictions } = stores
  const ids = await logged(log, 0, 45)
  const before = await Promise.all(ids.map((id) => predictions.read(id)))
  expect(await predictions.move()).toBe(45)
  expect(predictions.state()).toMatchObject({ log: { rows: 0, blocks: 0 }, lake: { rows: 45, files: 1 } })
  expect(() => log.readPrediction(ids[0]!)).toThrow(expect.objectContaining({ code: 'unknown_prediction' }))
  const after = await Promise.all(ids.map((id) => predictions.read(id)))
  expect(after).toEqual(before)
  expect(Object.is(after[2]!.values[1], -0)).toBe(true)
  expect(await idsOf(predictions)).toEqual(ids)
  const later = await logged(log, 45, 60)
  expect(await idsOf(predictions)).toEqual([...ids, ...later])
  for (const id of ['', 'p', `${ids[0]}x`, 'p0-10', 'pzz-0'])
    await expect(predictions.read(id)).rejects.toMatchObject({ code: 'unknown_prediction' })
  expect(await predictions.move()).toBe(15)
  expect(await idsOf(predictions)).toEqual([...ids, ...later])
})

test.each([12, 13, 40])('the statuses of %i features are the same from the lake', async (features) => {
  await using folder = await temporary()
  await using stores = await open(folder.path)
  const { log, predictions } = stores
  const many = { ...layout(), features: Array.from({ length: features }, (_, index) => `f${index}`) }
  const values = new Float64Array(features)
  const statusesAt = (index: number): Uint8Array => Uint8Array.from(values, (_, feature) => (feature * 5 + index) % 7)
  const block = log.createPredictionBlock(many)
  for (let index = 0; index < 10; index += 1) block.add(prediction(index, { values, statuses: statusesAt(index) }))
  log.appendPredictions(block)
  await log.drained()
  expect(await predictions.move()).toBe(10)
  for await (const read of predictions.scan())
    for (let index = 0; index < read.length; index += 1)
      expect(Uint8Array.from(read.statuses, (column) => column[index]!)).toEqual(statusesAt(index))
})

test('a scan takes what a range and a model ask for, from both places', async () => {
  await using folder = await temporary()
  await using stores = await open(folder.path)
  const { log, predictions } = stores
  const first = await logged(log, 0, 40)
  const other = await logged(log, 0, 40, layout('fares'))
  await predictions.move()
  const second = await logged(log, 40, 60, layout('late_flight', 2))
  expect(await idsOf(predictions, { model: 'fares' })).toEqual(other)
  expect(await idsOf(predictions, { model: 'late_flight', from: START + 35, to: START + 50 })).toEqual([
    ...first.slice(35),
    ...second.slice(0, 10),
  ])
  expect(await idsOf(predictions, { model: 'late_flight', by: 'servedAt', to: START + 10 })).toEqual(first.slice(0, 3))
  expect(await idsOf(predictions, { model: 'fares', by: 'either', from: START + 46 })).toEqual(other.slice(39))
  expect(predictions.lanes(0)).toHaveLength(3)
  const lane: string[] = []
  for await (const batch of predictions.after({ model: 'late_flight', version: 1 }, { sequence: 1, place: 3 }))
    for (let index = 0; index < batch.length; index += 1) lane.push(batch.id(index))
  expect(lane).toEqual(first.slice(14))
})

test('answers of a version are counted by the minute from both places, and are as many as a scan finds', async () => {
  await using folder = await temporary()
  await using stores = await open(folder.path)
  const { log, predictions } = stores
  const each = async (from: number, to: number, mode = 'http', of = layout()) => {
    for (let index = from; index < to; index += 10)
      await logged(log, index, index + 10, of, { mode, servedAt: START + index * SECOND, latency: 5 + (index % 3) })
  }
  await each(0, 200)
  await each(0, 200, 'http', layout('late_flight', 2))
  await each(0, 200, 'http', layout('fares'))
  await each(150, 200, 'loadtest')
  const { lastSequence: through } = predictions.state()
  await predictions.move()
  await each(200, 300)
  const later = predictions.state().lastSequence
  await each(300, 310)
  const meant = { model: 'late_flight', version: 1, from: START + 60 * SECOND, without: ['loadtest'] }
  const counted = async (through: number, latenciesFrom: number) => {
    const counts: Record<string, number> = {}
    await predictions.answers({ ...meant, latenciesFrom, through }, (minute, count, latency) => {
      const name = `${(minute - START) / MINUTE} ${latency ?? ''}`
      counts[name] = (counts[name] ?? 0) + count
    })
    return counts
  }
  expect(await counted(later, START + 600 * SECOND)).toEqual({ '1 ': 60, '2 ': 60, '3 ': 60, '4 ': 60 })
  expect(await counted(through, START + 180 * SECOND)).toEqual({ '1 ': 60, '2 ': 60, '3 5': 10, '3 6': 10 })
  expect(await counted(later, START + 240 * SECOND)).toEqual({
    ...{ '1 ': 60, '2 ': 60, '3 ': 60 },
    ...{ '4 5': 20, '4 6': 20, '4 7': 20 },
  })
})

test('the newest come first, across versions and places, and pages go on where they ended while others come', async () => {
  await using folder = await temporary()
  await using stores = await open(folder.path)
  const { log, predictions } = stores
  const ids: string[] = []
  const next = async (version: number, model = 'late_flight', day = 0) => {
    const from = ids.length
    ids.push(...(await logged(log, from, from + 10, layout(model, version), { servedAt: START + day * DAY + from })))
  }
  // Two versions by turns: their files overlap.
  for (const version of [1, 2, 1, 2]) await next(version)
  await next(1, 'fares', 1)
  await predictions.move()
  for (const version of [2, 1]) await next(version)
  await predictions.move()
  await next(3)
  const pages = async (query: Partial<NewestPage> = {}) => {
    const found: string[] = []
    let before: Pick<NewestPage, 'before'> = {}
    for (;;) {
      const { found: page } = await predictions.newest({ limit: 7, ...query, ...before })
      for (const { prediction } of page) found.push(prediction.id)
      if (page.length < 7) return found
      before = { before: page.at(-1)!.position }
      if (found.length === 14) await logged(log, 900, 910)
    }
  }
  const expected = ids.toReversed()
  expect(await pages()).toEqual(expected)
  expect(await pages({ model: 'fares' })).toEqual(ids.slice(40, 50).reverse())
  expect(await pages({ model: 'late_flight', version: 2 })).toEqual(
    [...ids.slice(10, 20), ...ids.slice(30, 40), ...ids.slice(50, 60)].reverse(),
  )
  expect(await predictions.newest({ limit: 5, decision: 'none such' })).toEqual({ found: [] })
  const about = (value: string, mayLook = true) => ({ row: { column: 'flight', value, mayLook: () => mayLook } })
  // One that is in the log, and one that is in the lake.
  for (const index of [65, 15]) {
    expect(await pages(about(`é${index}`))).toEqual([ids[index]])
    expect(await pages(about(`é${index}`, false))).toEqual([])
  }
  expect(await pages(about('é'))).toEqual([])
})

test('what few rows have is looked for in so many rows at a time, and every one of them is found once', async () => {
  await using folder = await temporary()
  await using stores = await open(folder.path, { searchRows: 50 })
  const { log, predictions } = stores
  const [row, other] = ['{"flight":"rare"}', '{"flight":"é \\"rare\\""}']
  const ids: string[] = []
  // Files of two versions overlap; the last are in the log.
  for (let move = 0; move < 5; move += 1) {
    await logged(log, 0, 40, layout(), { row: other })
    ids.push(...(await logged(log, 0, 1, layout(), { row })))
    await logged(log, 0, 20, layout('late_flight', 2))
    ids.push(...(await logged(log, 0, 1, layout('late_flight', 2), { row })))
    if (move < 4) await predictions.move()
  }
  const find = async (value: string) => {
    const found: string[] = []
    let turns = 0
    for (let before = {}; ; turns += 1) {
      const wanted = { column: 'flight', value, mayLook: () => true }
      const page = await predictions.newest({ limit: 3, row: wanted, ...before })
      found.push(...page.found.map(({ prediction: { id } }) => id))
      const end = page.found.length === 3 ? page.found.at(-1)!.position : page.looked?.to
      if (end === undefined) return { found, turns }
      before = { before: end }
    }
  }
  expect(await find('rare')).toEqual({ found: ids.reverse(), turns: 7 })
  expect((await find('é "rare"')).found).toHaveLength(200)
  expect((await find('none')).found).toEqual([])
})

test('files are one for each version and day, and any reader of Parquet can use them', async () => {
  await using folder = await temporary()
  await using stores = await open(folder.path)
  await logged(stores.log, 0, 20)
  await logged(stores.log, 20, 40, layout('late_flight', 2))
  await logged(stores.log, 40, 50, layout(), { servedAt: START + DAY })
  await stores.predictions.move()
  const files = await readdir(join(folder.path, 'lake/predictions/late_flight'), { recursive: true })
  expect(files.filter((name) => name.endsWith('.parquet')).sort()).toEqual([
    '2026-03-01/1-000000000000000-000000000000001.parquet',
    '2026-03-01/2-000000000000002-000000000000003.parquet',
    '2026-03-02/1-000000000000004-000000000000004.parquet',
  ])
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const read = await connection.runAndReadAll(
    `SELECT id, model, version, decision, decided_by, epoch_us(t), "feature.origin.mean", "feature.1.Score",
     "feature.2.score" FROM read_parquet('${join(folder.path, 'lake/predictions/*/*/*.parquet')}') WHERE place = 3 ORDER BY t LIMIT 1`,
  )
  expect(read.getRows()).toEqual([['p0-3', 'late_flight', 1, null, null, BigInt(START + 3), 1, null, 2 ** -1074 * 4]])
  connection.closeSync()
})

test('files of a version follow each other, also where its blocks became durable in another order than their days', async () => {
  await using folder = await temporary()
  await using stores = await open(folder.path)
  const { log, predictions } = stores
  const lane = { model: 'late_flight', version: 1 }
  const ids: string[] = []
  for (const [block, day] of [0, 1, 0, 1].entries())
    ids.push(...(await logged(log, block * 10, block * 10 + 10, layout(), { servedAt: START + day * DAY })))
  await predictions.move()
  const seen: string[] = []
  for await (const batch of predictions.after(lane, { sequence: 0, place: -1 }))
    for (let index = 0; index < batch.length; index += 1) seen.push(batch.id(index))
  expect(seen).toEqual(ids)
})

test('trouble with the log is told to whoever reads, and harms nobody who has enough before', async () => {
  await using folder = await temporary()
  await using stores = await open(folder.path)
  const { log, predictions } = stores
  const [first] = await logged(log, 0, 10)
  await predictions.move()
  await logged(log, 10, 20)
  const database = new DatabaseSync(join(folder.path, 'log.db'))
  database.exec("UPDATE prediction_blocks SET data = x'00'")
  database.close()
  for await (const batch of predictions.scan()) {
    expect(batch.id(0)).toBe(first)
    break
  }
  await expect(idsOf(predictions)).rejects.toMatchObject({ code: 'directory_damaged' })
})

test('what was moved is moved once, whatever a crash left behind', async () => {
  await using folder = await temporary()
  const path = join(folder.path, 'lake/predictions/late_flight/2026-03-01')
  let ids: string[] = []
  {
    await using stores = await open(folder.path)
    ids = await logged(stores.log, 0, 30)
    await stores.predictions.move()
  }
  const [file] = await readdir(path)
  // As if the machine had stopped before the file got its name, with the rest of another move beside it.
  await rename(join(path, file!), join(path, `${file}.new`))
  await writeFile(join(path, '1-000000000000099-000000000000100.parquet.new'), 'half')
  await writeFile(join(path, 'part.tmp'), 'half')
  {
    await using stores = await open(folder.path)
    expect(await idsOf(stores.predictions)).toEqual(ids)
    expect(await readdir(path)).toEqual([file])
  }
  await rm(join(path, file!))
  await expect(open(folder.path)).rejects.toMatchObject({ code: 'directory_damaged' })
})

test('a file that could not get its name gets it with the next move, and nothing is moved twice', async () => {
  const below = 'lake/predictions/late_flight/2026-03-01'
  await using other = await temporary()
  {
    await using stores = await open(other.path)
    await logged(stores.log, 0, 30)
    await stores.predictions.move()
  }
  const [name] = await readdir(join(other.path, below))
  await using folder = await temporary()
  await using stores = await open(folder.path)
  const ids = await logged(stores.log, 0, 30)
  const inTheWay = join(folder.path, below, name!)
  await mkdir(inTheWay, { recursive: true })
  await expect(stores.predictions.move()).rejects.toThrow()
  await rm(inTheWay, { recursive: true })
  ids.push(...(await logged(stores.log, 30, 10)))
  await stores.predictions.move()
  expect(await idsOf(stores.predictions)).toEqual(ids)
})

test('whoever reads while predictions move sees each of them once', async () => {
  await using folder = await temporary()
  await using stores = await open(folder.path, { moveRows: 20 })
  const { log, predictions } = stores
  const ids = await logged(log, 0, 100)
  const seen: string[] = []
  let moving: Promise<number> | undefined
  for await (const batch of predictions.scan()) {
    moving ??= predictions.move()
    for (let index = 0; index < batch.length; index += 1) seen.push(batch.id(index))
    // Long enough for a move to have begun.
    await predictions.read(ids[0]!)
  }
  expect(await moving).toBe(100)
  expect(seen).toEqual(ids)
  expect(predictions.state()).toMatchObject({ log: { rows: 0 }, lake: { files: 5, rows: 100 } })
  expect(await idsOf(predictions)).toEqual(ids)
})

test('what is older than it is kept, or too much, goes file by file, and is told from what never was', async () => {
  await using folder = await temporary()
  await using stores = await open(folder.path)
  const { log, predictions } = stores
  const days = []
  for (let day = 0; day < 4; day += 1) {
    days.push(await logged(log, day * 10, day * 10 + 10, layout(), { servedAt: START + day * DAY }))
    await predictions.move()
  }
  expect(await predictions.retain({ of: () => ({ before: START + DAY }) })).toBe(10)
  await expect(predictions.read(days[0]![3]!)).rejects.toMatchObject({
    code: 'prediction_removed',
    message: expect.stringContaining('older than it is kept'),
  })
  expect(await idsOf(predictions)).toEqual(days.slice(1).flat())
  const { bytes } = predictions.state().lake
  expect(await predictions.retain({ of: () => ({}), bytes: bytes - 1 })).toBe(10)
  await expect(predictions.read(days[1]![3]!)).rejects.toMatchObject({ code: 'prediction_removed' })
  expect(await predictions.retain({ of: () => ({ bytes: bytes / 2 }) })).toBe(10)
  expect(await idsOf(predictions)).toEqual(days[3])
  expect(predictions.state().removed).toEqual([
    { model: 'late_flight', reason: 'budget', rows: 20 },
    { model: 'late_flight', reason: 'retention', rows: 10 },
  ])
  await expect(predictions.read('pzz-0')).rejects.toMatchObject({ code: 'unknown_prediction' })
  // Days 0, 1 and 2 are gone, and all t lie on the first.
  const gone = (from: number, to: number, model = 'late_flight') =>
    predictions.removedRows({ model, by: 'servedAt', from: START + from * DAY, to: START + to * DAY })
  expect([gone(0, 9), gone(1, 9), gone(1, 2), gone(3, 9), gone(0, 9, 'other')]).toEqual([30, 20, 10, 0, 0])
  expect(predictions.removedRows({})).toBe(30)
  expect(predictions.removedRows({ by: 'either', from: START + DAY })).toBe(20)
  expect(predictions.removedRows({ from: START + DAY })).toBe(0)
})

test('a directory of before predictions went to the lake opens, and they go there', async () => {
  await using folder = await temporary()
  let ids: string[] = []
  {
    await using stores = await open(folder.path)
    ids = await logged(stores.log, 0, 30)
  }
  // As the version before left it: nobody knew in which order the blocks had become durable.
  const database = new DatabaseSync(join(folder.path, 'log.db'))
  database.exec(`DROP INDEX prediction_blocks_in_order; DROP TABLE prediction_files;
    ALTER TABLE lake_files DROP COLUMN replaced_by; ALTER TABLE lake_files DROP COLUMN removed_at;
    ALTER TABLE prediction_blocks DROP COLUMN sequence; ALTER TABLE prediction_blocks DROP COLUMN bytes;
    DELETE FROM state WHERE name = 'moved_sequence'; DELETE FROM migrations WHERE version >= 4; PRAGMA user_version = 3`)
  database.close()
  await using stores = await open(folder.path)
  const later = await logged(stores.log, 30, 40)
  expect(await idsOf(stores.predictions)).toEqual([...ids, ...later])
  expect(await stores.predictions.move()).toBe(40)
  expect(await idsOf(stores.predictions)).toEqual([...ids, ...later])
})

test('a process that is killed while predictions move loses none and doubles none', async () => {
  await using folder = await temporary()
  let expected = 0
  for (const delay of [20, 90]) {
    const module = fileURLToPath(new URL('./move-child.fixture.ts', import.meta.url))
    const child = spawn(process.execPath, [module, folder.path, String(expected)])
    let output = ''
    await new Promise<void>((resolve) => {
      child.stdout.on('data', (data: Buffer) => {
        output += data.toString()
        if (output.includes('moving')) setTimeout(() => child.kill('SIGKILL'), delay)
      })
      child.on('exit', () => resolve())
    })
    expected = Number(/logged (\d+)/.exec(output)?.[1])
    await using stores = await open(folder.path)
    const ids = await idsOf(stores.predictions)
    expect(ids).toHaveLength(expected)
    expect(new Set(ids).size).toBe(expected)
  }
})

test('what is masked is nowhere in clear, in the log, its journal or the lake, and is opened for who replays', async () => {
  await using folder = await temporary()
  const of: PredictionLayout = { ...layout(), masks: { columns: { flight: 'seal', note: 'hash' }, features: [0] } }
  const more = { row: JSON.stringify({ flight: 'TELLTALE', note: 'TALLTELE', seat: '12A' }) }
  let ids: string[] = []
  const files = async () => {
    const names = await readdir(folder.path, { recursive: true, withFileTypes: true })
    const contents = names
      .filter((name) => name.isFile())
      .map((name) => readFile(join(name.parentPath, name.name), 'latin1'))
    return (await Promise.all(contents)).join('')
  }
  await using stores = await open(folder.path)
  const { predictions } = stores
  ids = await logged(stores.log, 0, 12, of, more)
  const check = async () => {
    const stored = await predictions.read(ids[5]!)
    expect(stored.values[0]).toBeNaN()
    expect(stored.statuses).toEqual(Uint8Array.of(3, 2, 1))
    expect(stored.row).not.toMatch(/TELLTALE|TALLTELE/)
    expect(JSON.parse((await predictions.read(ids[5]!, { open: true })).row)).toEqual({
      ...{ flight: 'TELLTALE', note: null, seat: '12A' },
    })
    for await (const { rows } of predictions.scan()) expect(new Set(rows).size).toBe(1)
    for await (const { rows } of predictions.scan({ open: true })) expect(rows[0]).toContain('TELLTALE')
    for await (const { rows } of predictions.scan({ open: ['seat'] })) expect(rows[0]).toBe(stored.row)
    for await (const { rows } of predictions.scan({ open: ['seat', 'flight'] }))
      expect(JSON.parse(rows[0]!)).toEqual({ ...JSON.parse(stored.row), flight: 'TELLTALE' })
    expect(await files()).not.toMatch(/TELLTALE|TALLTELE/)
  }
  await check()
  await predictions.move()
  await check()
  await expect(predictions.read('u1-5')).rejects.toMatchObject({ code: 'prediction_not_logged' })
  await expect(predictions.read('b12-0')).rejects.toMatchObject({
    ...{ code: 'prediction_of_batch', path: 'b12-0', message: expect.stringContaining('run b12') },
    remedy: expect.stringContaining('trueline score --runs'),
  })
  for (const id of ['b0-1', 'b12-00', 'b012-1'])
    await expect(predictions.read(id)).rejects.toMatchObject({ code: 'unknown_prediction' })
})

test('classes are columns of the files, with the likeliest by its name, and the same to the bit when read back', async () => {
  await using folder = await temporary()
  await using stores = await open(folder.path)
  const { log, predictions } = stores
  const of = { ...layout(), classes: ['late', 'Late', 'on time'] }
  const probabilities = Float64Array.of(0.25, 0.5, 0.25)
  const ids = await logged(log, 0, 25, of, { probabilities, score: 0.5 })
  const before = await Promise.all(ids.map((id) => predictions.read(id)))
  expect(await predictions.move()).toBe(25)
  expect(await Promise.all(ids.map((id) => predictions.read(id)))).toEqual(before)
  expect(before[7]!.probabilities).toEqual(probabilities)
  const instance = await DuckDBInstance.create()
  const connection = await instance.connect()
  const read =
    await connection.runAndReadAll(`SELECT DISTINCT class, "probability.0.late" AS a, "probability.1.Late" AS b,
    "probability.on time" AS c FROM read_parquet('${folder.path}/lake/**/*.parquet')`)
  expect(read.getRowObjects()).toEqual([{ class: 'Late', a: 0.25, b: 0.5, c: 0.25 }])
  connection.closeSync()
  instance.closeSync()
})

test('classes whose names read like that of another with its place move to the lake as well', async () => {
  await using folder = await temporary()
  await using stores = await open(folder.path)
  const { log, predictions } = stores
  const classes = ['late', 'Late', '0.late']
  const probabilities = Float64Array.of(0.25, 0.5, 0.25)
  const [id] = await logged(log, 0, 3, { ...layout(), classes }, { probabilities, score: 0.5 })
  expect(await predictions.move()).toBe(3)
  expect((await predictions.read(id!)).probabilities).toEqual(probabilities)
  const named = (of: readonly string[]) =>
    predictionColumns({ ...layout(), features: [], groups: [], classes: of }).flatMap(({ name }) =>
      name.startsWith('probability.') ? [name] : [],
    )
  expect(named(classes)).toEqual(['probability.0.late', 'probability.1.Late', 'probability.2.0.late'])
  expect(named(['late', 'Late', '5.late']).at(-1)).toBe('probability.5.late')
  expect(named(['late', '0.late', '1'])).toEqual(['probability.late', 'probability.0.late', 'probability.1'])
})

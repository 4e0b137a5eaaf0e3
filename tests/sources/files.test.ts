import { appendFile, mkdir, open, rename, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { formatTime, MINUTE, parseTime } from '../../src/core/time.ts'
import { csv, jsonLines, parquet, source } from '../../src/index.ts'
import { planDefinitions } from '../../src/platform/app/definition-plan.ts'
import { openDuckdb } from '../../src/stores/lake/duckdb.ts'
import { openBench, orders, type SourceBench } from './fixture.ts'

const csvFiles = source('files', { into: orders, from: csv('in/*.csv'), schedule: '* * * * *' })
const jsonFiles = source('files', { into: orders, from: jsonLines('in/*.jsonl') })

test('a folder of CSV files is read whole at first, and then what each has grown by', async () => {
  await using bench = await openBench(csvFiles)
  await mkdir(join(bench.folder, 'in'))
  const path = join(bench.folder, 'in/a.csv')
  await writeFile(
    path,
    'order,amount,note,at\na,1.5,"say ""so"", twice",2026-02-01T00:00:00Z\nb,,,2026-03-01T11:00:00Z\n',
  )
  // The first one is due at the next full minute.
  await bench.platform.tick()
  expect(bench.counts().received).toBe(0)
  bench.clock.advanceTo(bench.clock.now() + MINUTE)
  await bench.platform.tick()
  const counts = { received: 2, accepted: 2, duplicates: 0, rejected: 0 }
  expect(bench.counts()).toMatchObject(counts)
  expect((await bench.rows()).get('a')).toMatchObject({ amount: 1.5, note: 'say "so", twice' })

  await appendFile(path, 'c,3,"two\nlines",2026-03-01T11:30:00Z\nd,4,half a li')
  await writeFile(join(bench.folder, 'in/b.csv'), 'at,order\n2026-03-01T11:00:00Z,e\n')
  expect(await bench.platform.runSource('files')).toMatchObject({ status: 'succeeded', received: 2, accepted: 2 })
  expect((await bench.rows()).get('c')).toMatchObject({ note: 'two\nlines' })
  await appendFile(path, 'ne,2026-03-01T11:31:00Z\n')
  expect(await bench.platform.runSource('files')).toMatchObject({ accepted: 1, duplicates: 0 })
  expect((await bench.rows()).get('d')).toMatchObject({ amount: 4, note: 'half a line' })
  expect(await bench.platform.runSource('files')).toMatchObject({ received: 0 })
  expect(bench.counts()).toMatchObject({ received: 5, accepted: 5, duplicates: 0, rejected: 0 })
})

test('a last line without an end is taken once its file stays as it is', async () => {
  await using bench = await openBench(jsonFiles)
  await mkdir(join(bench.folder, 'in'))
  await writeFile(
    join(bench.folder, 'in/a.jsonl'),
    '{"order":"a","at":"2026-03-01T10:00:00Z"}\n{"order":"b","at":"2026-03-01T10:00:00Z"}',
  )
  expect(await bench.platform.runSource('files')).toMatchObject({ accepted: 1 })
  expect(await bench.platform.runSource('files')).toMatchObject({ accepted: 1 })
  expect(await bench.platform.runSource('files')).toMatchObject({ received: 0 })
})

test('a last line that was taken half is read again when its rest comes, and what stood before is not', async () => {
  await using bench = await openBench(source('files', { into: orders, from: jsonLines('a.jsonl') }))
  const path = join(bench.folder, 'a.jsonl')
  const line = (id: string) => `{"order":"${id}","at":"2026-03-01T10:00:00Z"}\n`
  await writeFile(path, line('a') + line('b').slice(0, 20))
  await bench.platform.runSource('files')
  expect(await bench.platform.runSource('files')).toMatchObject({ received: 1, rejected: 1 })
  await appendFile(path, line('b').slice(20) + line('c').slice(0, -1))
  expect(await bench.platform.runSource('files')).toMatchObject({ received: 1, accepted: 1 })
  expect(await bench.platform.runSource('files')).toMatchObject({ received: 1, accepted: 1 })
  await appendFile(path, `\n${line('d')}seven`)
  expect(await bench.platform.runSource('files')).toMatchObject({ received: 1, accepted: 1 })
  await bench.platform.runSource('files')
  const { rows } = await bench.platform.deadLetters({})
  expect(rows.map(({ reason }) => reason)).toEqual([
    'Line 5 of a.jsonl is not a JSON object. At character 1: a value has to stand here.',
    'Line 2 of a.jsonl is not a JSON object. At character 21: it ends within a string.',
  ])
  expect([...(await bench.rows()).keys()]).toEqual(['a', 'b', 'c', 'd'])
})

test('a header that was taken half is that of the whole line when its rest comes', async () => {
  await using bench = await openBench(source('files', { into: orders, from: csv('a.csv') }))
  const path = join(bench.folder, 'a.csv')
  await writeFile(path, 'order,at,amou')
  await bench.platform.runSource('files')
  await bench.platform.runSource('files')
  await appendFile(path, 'nt\na,2026-03-01T10:00:00Z,3\n')
  expect(await bench.platform.runSource('files')).toMatchObject({ received: 1, accepted: 1 })
  expect((await bench.rows()).get('a')).toMatchObject({ amount: 3 })
})

test('a Parquet file of other rows in the place of one of the same size is read', async () => {
  await using bench = await openBench(source('files', { into: orders, from: parquet('a.parquet') }))
  const duckdb = await openDuckdb({ temporaryFolder: bench.folder })
  const path = join(bench.folder, 'a.parquet')
  const write = (first: number, seconds: number) =>
    duckdb
      .withConnection((connection) =>
        connection.run(`COPY (SELECT 'o' || i AS "order", (i - ${first})::DOUBLE AS amount, TIMESTAMP '2026-03-01' AS at
          FROM range(${first}, ${first + 500}) AS r(i)) TO '${path}' (FORMAT parquet, COMPRESSION uncompressed)`),
      )
      .then(() => utimes(path, seconds, seconds))
  await write(1000, 1_772_000_000)
  const { size } = await stat(path)
  expect(await bench.platform.runSource('files')).toMatchObject({ accepted: 500 })
  await write(2000, 1_772_000_060)
  expect((await stat(path)).size).toBe(size)
  expect(await bench.platform.runSource('files')).toMatchObject({ received: 500, accepted: 500 })
  // What was only touched is what it was.
  await utimes(path, 1_772_000_120, 1_772_000_120)
  expect(await bench.platform.runSource('files')).toMatchObject({ received: 0 })
  duckdb.close()
})

test('a file that is written anew is read anew: what was there is a duplicate', async () => {
  await using bench = await openBench(jsonFiles)
  await mkdir(join(bench.folder, 'in'))
  const path = join(bench.folder, 'in/a.jsonl')
  const line = (id: string) => `{"order":"${id}","at":"2026-03-01T10:00:00Z"}\n`
  await writeFile(path, line('a') + line('b'))
  await bench.platform.runSource('files')
  await writeFile(path, line('z') + line('a') + line('b') + line('c'))
  expect(await bench.platform.runSource('files')).toMatchObject({ received: 4, accepted: 2, duplicates: 2 })
  // A renamed file brings nothing new.
  await rename(path, join(bench.folder, 'in/b.jsonl'))
  expect(await bench.platform.runSource('files')).toMatchObject({ received: 4, duplicates: 4 })
})

test('lines of other encodings are refused one by one, with file and line; a file of UTF-16 whole', async () => {
  await using bench = await openBench(csvFiles)
  await mkdir(join(bench.folder, 'in'))
  const good = 'a,1,näher,2026-03-01T10:00:00Z\n'
  const latin = Buffer.from('b,2,n\xe4her,2026-03-01T10:00:00Z\n', 'latin1')
  const mark = Buffer.from([0xef, 0xbb, 0xbf])
  const head = Buffer.from(`order,amount,note,at\n${good}`)
  await writeFile(
    join(bench.folder, 'in/a.csv'),
    Buffer.concat([mark, head, latin, Buffer.from('c,3,too,few,fields\n')]),
  )
  await writeFile(join(bench.folder, 'in/wide.csv'), Buffer.from(`\ufeff${head.toString()}`, 'utf16le'))
  const run = await bench.platform.runSource('files')
  expect(run).toMatchObject({ status: 'partial', received: 3, accepted: 1, rejected: 2 })
  expect(run.error).toMatchObject({ code: 'file_unreadable', path: 'in/wide.csv' })
  const { rows } = await bench.platform.deadLetters({})
  expect(rows.map(({ code, reason, source }) => [code, reason, source])).toEqual([
    ['malformed_row', 'Line 4 of in/a.csv has 5 fields; the header has 4.', 'in/a.csv'],
    ['malformed_row', 'Line 3 of in/a.csv is not UTF-8.', 'in/a.csv'],
  ])
  const { alerts } = await bench.platform.alerts({ open: true })
  expect(alerts).toMatchObject([{ kind: 'source_failing', model: 'source/files' }])
  expect(alerts[0]!.title).not.toContain(bench.folder)
  await writeFile(join(bench.folder, 'in/wide.csv'), head)
  expect(await bench.platform.runSource('files')).toMatchObject({ status: 'succeeded', duplicates: 1 })
  expect((await bench.platform.alerts({ open: true })).total).toBe(0)
})

test('a refused row is told by file and line, as history, as it comes, when it is compared, and in conflict', async () => {
  for (const deletions of [undefined, 'snapshot'] as const) {
    const one = source('files', {
      into: orders,
      from: csv('in/*.csv'),
      ...(deletions === undefined ? {} : { deletions }),
    })
    await using bench = await openBench(one)
    await mkdir(join(bench.folder, 'in'))
    const path = join(bench.folder, 'in/a.csv')
    const letters = async () => {
      const { rows } = await bench.platform.deadLetters({ limit: 2 })
      return rows.map(({ source: from, reason }) => `${from} ${reason}`).reverse()
    }
    const day = '2026-03-01T10:00:00Z'
    await writeFile(path, `order,amount,note,at\na,1,"two\nlines",${day}\n\nb,much,,${day}\na,2,,${day}\n`)
    await bench.platform.runSource('files')
    expect(await letters()).toEqual([
      `in/a.csv Line 5: "much" in 'amount' is no number.`,
      ...(deletions === undefined
        ? ['in/a.csv Line 6: An event with this id and revision came before with other content.']
        : []),
    ])
    await appendFile(path, `c,3,,${day}\nd,4,,no day\n`)
    await bench.platform.runSource('files')
    expect((await letters()).at(-1)).toBe(`in/a.csv Line 8: "no day" in 'at' is no time of the calendar in ISO 8601.`)
  }
})

test('a refused row of JSON lines has its line, also where its columns are refused, and one of Parquet its number', async () => {
  const lines = source('files', { into: orders, from: jsonLines('in/*.jsonl'), onSchemaChange: 'quarantine' })
  await using bench = await openBench(lines)
  await mkdir(join(bench.folder, 'in'))
  const line = (row: object) => `${JSON.stringify({ at: '2026-03-01T10:00:00Z', ...row })}\n`
  await writeFile(join(bench.folder, 'in/a.jsonl'), `${line({ order: 'a' })}\n${line({ order: 7 })}`)
  await bench.platform.runSource('files')
  await appendFile(join(bench.folder, 'in/a.jsonl'), line({ order: 'b', more: 1 }))
  await bench.platform.runSource('files')
  await bench.reopen(source('files', { into: orders, from: parquet('in/*.parquet') }))
  const duckdb = await openDuckdb({ temporaryFolder: bench.folder })
  await duckdb.withConnection((connection) =>
    connection.run(`COPY (SELECT 'o' || i AS "order", CASE WHEN i = 3000 THEN 'nan'::DOUBLE ELSE i END AS amount,
      TIMESTAMP '2026-03-01' AS at FROM range(1, 5001) AS r(i)) TO '${join(bench.folder, 'in/a.parquet')}'`),
  )
  duckdb.close()
  await bench.platform.runSource('files')
  const { rows } = await bench.platform.deadLetters({})
  expect(rows.map(({ source: from, reason }) => `${from} ${reason}`)).toEqual([
    `in/a.parquet Row 3000: NaN in 'amount' is no finite number.`,
    `in/a.jsonl Line 4: The columns of the source changed: 'more' was added.`,
    `in/a.jsonl Line 3: 7 in 'order' is no string.`,
  ])
})

test('a Parquet file is taken once it is whole; one that stays without its end is reported', async () => {
  await using bench = await openBench(source('files', { into: orders, from: parquet('in/**/*.parquet') }))
  await mkdir(join(bench.folder, 'in/deep'), { recursive: true })
  const path = join(bench.folder, 'in/deep/a.parquet')
  const duckdb = await openDuckdb({ temporaryFolder: bench.folder })
  await duckdb.withConnection((connection) =>
    connection.run(`COPY (SELECT 'o' || i AS "order", i::DECIMAL(9,2) AS amount, TIMESTAMP '2026-03-01' AS at, i AS extra
      FROM range(5000) AS r(i)) TO '${path}' (FORMAT parquet)`),
  )
  duckdb.close()
  await using file = await open(path)
  const whole = await file.readFile()
  await truncate(path, Math.floor(whole.length / 2))
  // Older than a minute: nobody writes to it.
  await utimes(path, 1_700_000_000, 1_700_000_000)
  expect(await bench.platform.runSource('files')).toMatchObject({ status: 'succeeded', received: 0 })
  const late = await bench.platform.runSource('files')
  expect(late).toMatchObject({ status: 'partial', error: { code: 'file_unreadable', path: 'in/deep/a.parquet' } })
  await writeFile(path, whole)
  expect(await bench.platform.runSource('files')).toMatchObject({ status: 'succeeded', received: 5000, accepted: 5000 })
  expect(await bench.platform.runSource('files')).toMatchObject({ received: 0 })
  expect((await bench.rows()).get('o17')).toMatchObject({ amount: 17, note: null })
})

test('a Parquet file is read as it is, whatever it, its columns and its folders are called', async () => {
  await using bench = await openBench(source('files', { into: orders, from: parquet('in/**/*.parquet') }))
  const folder = join(bench.folder, 'in/amount=9/note=late%20one')
  await mkdir(folder, { recursive: true })
  const duckdb = await openDuckdb({ temporaryFolder: bench.folder })
  await duckdb.withConnection(async (connection) => {
    for (const name of ['a1', 'a[1]'])
      await connection.run(`COPY (SELECT '${name}-' || i AS "order", i::DOUBLE AS amount, TIMESTAMP '2026-03-01' AS at,
        'x' AS File_Row_Number, 1 AS _row, 2 AS file_index FROM range(3000) AS r(i)) TO '${join(folder, name)}.parquet'`)
  })
  duckdb.close()
  expect(await bench.platform.runSource('files')).toMatchObject({ status: 'succeeded', accepted: 6000 })
  const rows = await bench.rows()
  expect(rows.get('a[1]-7')).toMatchObject({ amount: 7, note: 'late one' })
  expect(rows.get('a1-2999')).toMatchObject({ amount: 2999, note: 'late one' })
})

test('times that name no zone are those of the source, or of UTC, which is told', async () => {
  const lines = 'order,at\na,2026-02-01 10:00:00\nb,2026-02-01T10:00:00+05:00\nc,2026-02-01\nd,1769940000000000\n'
  const timesIn = async (bench: SourceBench) =>
    Object.fromEntries(
      [...(await bench.rows())].map(([order, { at }]) => [order, formatTime(at as number).slice(11, 16)]),
    )
  await using plain = await openBench(source('files', { into: orders, from: csv('a.csv') }))
  await writeFile(join(plain.folder, 'a.csv'), lines)
  await plain.platform.runSource('files')
  expect((await plain.platform.sources())[0]!.localTimes).toMatch(
    /^times in 'at', such as '2026-02-01 10:00:00', name no zone and are taken as UTC/,
  )
  expect(await timesIn(plain)).toEqual({ a: '10:00', b: '05:00', c: '00:00', d: '10:00' })
  const warningsOf = async ({ platform }: SourceBench) =>
    planDefinitions(await platform.definitions(), platform.project).warnings
  expect(await warningsOf(plain)).toEqual([
    expect.stringMatching(/^source files: times in 'at', such as '2026-02-01 10:00:00', name no zone.*: zone: 'Europe/),
  ])

  const inChicago = { into: orders, zone: 'America/Chicago' }
  await using bench = await openBench(source('files', { ...inChicago, from: csv('a.csv') }))
  await writeFile(join(bench.folder, 'a.csv'), lines)
  await bench.platform.runSource('files')
  expect((await bench.platform.sources())[0]).not.toHaveProperty('localTimes')
  expect(await warningsOf(bench)).toEqual([])
  await bench.reopen(source('files', { ...inChicago, from: parquet('*.parquet') }))
  const duckdb = await openDuckdb({ temporaryFolder: bench.folder })
  const write = (order: string, at: string) =>
    duckdb.withConnection((connection) =>
      connection.run(`COPY (SELECT '${order}' AS "order", ${at} AS at) TO '${join(bench.folder, order)}.parquet'`),
    )
  await write('p', "TIMESTAMP '2026-02-01 10:00:00'")
  await write('q', "TIMESTAMPTZ '2026-02-01 10:00:00+00'")
  duckdb.close()
  await bench.platform.runSource('files')
  // Six hours behind UTC in winter.
  const expected = { a: '16:00', b: '05:00', c: '06:00', d: '10:00', p: '16:00', q: '10:00' }
  expect(await timesIn(bench)).toEqual(expected)
  const range = { from: parseTime('2026-02-01T16:00Z'), to: parseTime('2026-02-01T17:00Z') }
  expect(await bench.platform.backfillSource('files', range, { name: 'ann' })).toMatchObject({ duplicates: 1 })
})

test('a column that is renamed or changes its type is told of, in lines and in Parquet', async () => {
  const lines = source('files', { into: orders, from: jsonLines('in/*.jsonl'), onSchemaChange: 'quarantine' })
  await using bench = await openBench(lines)
  await mkdir(join(bench.folder, 'in'))
  const path = join(bench.folder, 'in/a.jsonl')
  const line = (row: object) => `${JSON.stringify({ at: '2026-03-01T10:00:00Z', ...row })}\n`
  await writeFile(path, line({ order: 'a', amount: 1 }) + line({ order: 'b' }))
  await bench.platform.runSource('files')
  await appendFile(path, line({ order: 'c', note: null }))
  expect(await bench.platform.runSource('files')).toMatchObject({ accepted: 1 })
  await appendFile(path, line({ order: 'd', amount: '1' }))
  expect(await bench.platform.runSource('files')).toMatchObject({ accepted: 0, rejected: 1 })
  expect((await bench.platform.sources())[0]!.changes).toBe("'amount' is string, no longer number")
  await appendFile(path, line({ order_id: 'e' }))
  expect(await bench.platform.runSource('files')).toMatchObject({
    status: 'failed',
    error: { code: 'source_changed', error: "The columns of in/a.jsonl changed: 'order' was renamed 'order_id'." },
  })

  await bench.reopen(source('files', { into: orders, from: parquet('in/*.parquet') }))
  const duckdb = await openDuckdb({ temporaryFolder: bench.folder })
  const write = (name: string, amount: string) =>
    duckdb.withConnection((connection) =>
      connection.run(`COPY (SELECT '${name}' AS "order", ${amount}, TIMESTAMP '2026-03-01' AS at)
        TO '${join(bench.folder, 'in', name)}.parquet' (FORMAT parquet)`),
    )
  await write('p1', '1.5::DOUBLE AS amount')
  expect(await bench.platform.runSource('files')).toMatchObject({ accepted: 1 })
  await write('p2', `'much' AS amount`)
  // Taken as it fits: not at all.
  expect(await bench.platform.runSource('files')).toMatchObject({ status: 'succeeded', rejected: 1 })
  expect((await bench.platform.sources())[0]!.changes).toBe("'amount' is VARCHAR, no longer DOUBLE")
  await write('p3', '2::BIGINT AS amount')
  expect(await bench.platform.runSource('files')).toMatchObject({ accepted: 1 })
  duckdb.close()
})

test('a snapshot of a file deletes nothing while a line of it cannot be read, in whatever turn it was met', async () => {
  const rate = { rows: 8, per: '1m' } as const
  const deletions = { by: 'snapshot', atMost: 1 } as const
  await using bench = await openBench(source('files', { into: orders, from: csv('in/*.csv'), rate, deletions }))
  await mkdir(join(bench.folder, 'in'))
  const path = join(bench.folder, 'in/a.csv')
  const write = (change: (line: string) => string) => {
    const ids = Array.from({ length: 20 }, (_, index) => `o${index + 10}`)
    return writeFile(path, `order,at\n${ids.map((id) => change(`${id},2026-03-01T10:00:00Z\n`)).join('')}`)
  }
  const finish = async () => {
    await bench.platform.runSource('files')
    for (;;) {
      const [{ run, due = 0 } = {}] = await bench.platform.sources()
      if (run?.status !== 'running') return run
      bench.clock.advanceTo(due)
      await bench.platform.tick()
    }
  }
  await write((line) => line)
  expect(await finish()).toMatchObject({ status: 'succeeded', accepted: 20 })
  // The first line lacks a field, a later one is gone.
  await write((line) => (line.startsWith('o10') ? 'o10\n' : line.startsWith('o20') ? '' : line))
  const run = await finish()
  expect(run).toMatchObject({ status: 'partial', rejected: 1, deleted: 0, error: { code: 'malformed_row' } })
  expect((await bench.rows()).size).toBe(20)
  await write((line) => (line.startsWith('o20') ? '' : line))
  expect(await finish()).toMatchObject({ status: 'succeeded', received: 1, deleted: 1 })
  expect([...(await bench.rows()).keys()]).not.toContain('o20')
})

test('a snapshot of files deletes nothing while one of them is still being written', async () => {
  const deletions = { by: 'snapshot', atMost: 1 } as const
  await using bench = await openBench(source('files', { into: orders, from: csv('in/*.csv'), deletions }))
  await mkdir(join(bench.folder, 'in'))
  const lines = ['order,at', ...Array.from({ length: 20 }, (_, index) => `o${index + 10},2026-03-01T10:00:00Z`), '']
  const path = join(bench.folder, 'in/a.csv')
  await writeFile(path, lines.join('\n'))
  expect(await bench.platform.runSource('files')).toMatchObject({ status: 'succeeded', accepted: 20 })
  await writeFile(path, lines.slice(0, 12).join('\n').slice(0, -3))
  expect(await bench.platform.runSource('files')).toMatchObject({ status: 'partial', deleted: 0 })
  await writeFile(path, lines.toSpliced(5, 1).join('\n'))
  expect(await bench.platform.runSource('files')).toMatchObject({ status: 'succeeded', deleted: 1 })

  await bench.reopen(source('files', { into: orders, from: parquet('in/*.parquet'), deletions }))
  const duckdb = await openDuckdb({ temporaryFolder: bench.folder })
  for (const name of ['p', 'q'])
    await duckdb.withConnection((connection) =>
      connection.run(`COPY (SELECT '${name}' || i AS "order", TIMESTAMP '2026-03-01' AS at FROM range(9) AS r(i))
        TO '${join(bench.folder, 'in', name)}.parquet'`),
    )
  duckdb.close()
  expect(await bench.platform.runSource('files')).toMatchObject({ status: 'succeeded', deleted: 19 })
  await truncate(join(bench.folder, 'in/q.parquet'), 300)
  expect(await bench.platform.runSource('files')).toMatchObject({ status: 'partial', deleted: 0 })
})

test('events out of order and from a clock that is ahead are taken or refused one by one', async () => {
  await using bench = await openBench(jsonFiles)
  await mkdir(join(bench.folder, 'in'))
  const path = join(bench.folder, 'in/a.jsonl')
  const line = (order: string, at: string) => `${JSON.stringify({ order, at })}\n`
  await writeFile(path, line('a', '2026-03-01T11:00:00Z'))
  await bench.platform.runSource('files')
  await appendFile(
    path,
    line('b', '2026-03-01T12:04:00Z') +
      line('c', '2026-03-01T09:00:00Z') +
      line('d', '2026-03-01T13:00:00Z') +
      line('e', '2026-01-01T00:00:00Z'),
  )
  expect(await bench.platform.runSource('files')).toMatchObject({ accepted: 2, rejected: 2 })
  const { counts } = await bench.platform.deadLetters({})
  expect(counts).toEqual({ event_in_future: 1, event_too_late: 1 })
})

test('a backfill takes a stretch of time as history, and leaves the position', async () => {
  await using bench = await openBench(jsonFiles)
  await mkdir(join(bench.folder, 'in'))
  const path = join(bench.folder, 'in/a.jsonl')
  await writeFile(path, '')
  await bench.platform.runSource('files')
  const lines = Array.from(
    { length: 10 },
    (_, day) => `{"order":"o${day}","at":"2025-11-0${day === 9 ? 1 : day + 1}T00:00:00Z"}\n`,
  )
  await appendFile(path, lines.join(''))
  // What came now is too late for now.
  expect(await bench.platform.runSource('files')).toMatchObject({ accepted: 0, rejected: 10 })
  const range = { from: Date.UTC(2025, 10, 2) * 1000, to: Date.UTC(2025, 10, 5) * 1000 }
  const run = await bench.platform.backfillSource('files', range, { name: 'ann' })
  expect(run).toMatchObject({ kind: 'backfill', status: 'succeeded', received: 3, accepted: 3, ...range })
  expect([...(await bench.rows()).keys()].sort()).toEqual(['o1', 'o2', 'o3'])
  expect(await bench.platform.runSource('files')).toMatchObject({ received: 0 })
  await bench.platform.resetSource('files', { name: 'ann' }, 'history is wanted')
  expect(await bench.platform.runSource('files')).toMatchObject({ received: 10, accepted: 7, duplicates: 3 })
})

import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import { HOUR } from '../../core/time.ts'
import { listVerdicts } from '../../data/quality/verdict-store.ts'
import type { ProjectDefinition, StreamDefinition } from '../../language/define/definitions.ts'
import type { SourceDefinition } from '../../language/define/source-definition.ts'
import { createAlertDesk } from '../../operate/monitoring/alert-desk.ts'
import type { Lake } from '../../stores/lake/lake.ts'
import { openLake } from '../../stores/lake/parquet-lake.ts'
import { openLog } from '../../stores/log/sqlite-event-log.ts'
import { openMetadata } from '../../stores/metadata/metadata.ts'
import { createQualityGates } from './quality-gates.ts'

const stream = (name: string): StreamDefinition => ({
  ...{ kind: 'stream', name, key: ['name'], id: ['name'], time: 'at', knownAt: { lag: 0 }, ahead: 0 },
  schema: { name: { type: 'string' }, at: { type: 'timestamp' } },
  corrections: { within: 0 },
  quality: [{ check: 'completeness', column: 'name', severity: 'warn', min: 0.5 }],
})

/** A stream of which each batch needs so many rows. */
const counted = (name: string, min: number): StreamDefinition => ({
  ...stream(name),
  quality: [{ check: 'rowCount', severity: 'fail', min }],
})

test('what nobody sent is judged once an hour is over, and only of streams whose rows are pushed', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-gates-'))
  const clock = virtualClock(0)
  const logPath = join(folder.path, 'log.db')
  const streams = { other: stream('other'), pushed: counted('pushed', 2), read: counted('read', 2) }
  const read: SourceDefinition = {
    ...{ kind: 'source', name: 'files', into: 'read', from: { kind: 'csv', paths: ['in/*.csv'] }, columns: {} },
    ...{ retry: { first: 1, longest: 1 }, breaker: { failures: 1, pause: 1 }, timeout: 1, onSchemaChange: 'accept' },
  }
  const project: ProjectDefinition = {
    ...{
      streams,
      entities: {},
      features: {},
      requests: {},
      derived: {},
      tables: {},
      models: {},
      sources: { files: read },
    },
  }
  const metadata = await openMetadata(join(folder.path, 'metadata.db'), { clock })
  const log = await openLog(logPath, { clock })
  const lake = await openLake({ folder: join(folder.path, 'lake'), log, logPath, streams })
  const silent = { error: () => undefined, warn: () => undefined, info: () => undefined }
  const gates = createQualityGates({
    project,
    lake,
    log,
    metadata,
    clock,
    desk: createAlertDesk(metadata, silent, () => undefined),
  })
  const append = (name: string, ids: readonly string[]): void => {
    log.append({
      ...{ stream: name, duplicates: 0, rejected: [] },
      events: {
        ...{ length: ids.length, ids, keys: ids, partitions: new Uint8Array(ids.length) },
        eventTimes: new Float64Array(ids.length),
        rows: ids.map((id) => JSON.stringify({ at: 0, name: id })),
      },
    })
  }
  const verdicts = async () => {
    const all = await listVerdicts(metadata, {})
    return all.verdicts.map(({ scope, subject, rows, verdict }) => `${subject} ${scope} ${rows} ${verdict}`)
  }

  append('other', ['1'])
  append('pushed', ['1', '2', '3'])
  await gates.judgeImport('pushed', 'pushed.csv', {
    ...{ received: 3, accepted: 3, duplicates: 0, rejected: 0 },
    generation: 0,
    firstOffset: 1,
  })
  expect(await verdicts()).toEqual(['stream/pushed import 3 pass'])
  clock.advanceTo(HOUR)
  await gates.watch(clock.now())
  expect((await verdicts()).slice(0, -1)).toEqual(['stream/pushed window 0 fail', 'stream/other window 1 insufficient'])
  await lake.close()
  await log.close()
  await metadata.close()
})

test('rows that could not be judged are judged with those after them, the refused ones among them, and hinder no other stream', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-gates-'))
  const clock = virtualClock(0)
  const logPath = join(folder.path, 'log.db')
  const streams = { broken: stream('broken'), whole: stream('whole') }
  const project: ProjectDefinition = {
    ...{ streams, entities: {}, features: {}, requests: {}, derived: {}, tables: {}, models: {} },
  }
  const metadata = await openMetadata(join(folder.path, 'metadata.db'), { clock })
  const log = await openLog(logPath, { clock })
  const opened = await openLake({ folder: join(folder.path, 'lake'), log, logPath, streams })
  let isBroken = true
  const lake: Lake = {
    ...opened,
    scanEvents(name, range) {
      if (isBroken && name === 'broken') throw new Error('a disk that does not answer')
      return opened.scanEvents(name, range)
    },
  }
  const silent = { error: () => undefined, warn: () => undefined, info: () => undefined }
  const desk = createAlertDesk(metadata, silent, () => undefined)
  const gates = createQualityGates({ project, lake, log, metadata, clock, desk })

  /** Lets a hundred rows come into each stream within an hour, of which some are refused. */
  async function hour(number: number, refused: number): Promise<void> {
    for (const name of Object.keys(streams)) {
      const rows = Array.from({ length: 100 - refused }, (_, row) => `${number}-${row}`)
      log.append({
        ...{ stream: name, duplicates: 0 },
        events: {
          ...{ length: rows.length, ids: rows, keys: rows, partitions: new Uint8Array(rows.length) },
          eventTimes: new Float64Array(rows.length),
          rows: rows.map((row) => JSON.stringify({ at: 0, name: row })),
        },
        rejected: Array.from({ length: refused }, () => ({
          ...({ stream: name, scope: 'ingest', code: 'missing_column', reason: 'It has no name.', row: '{}' } as const),
        })),
      })
    }
    clock.advanceTo(number * HOUR)
    await gates.watch(clock.now())
  }
  const verdictsOn = async (name: string) => {
    const { verdicts } = await listVerdicts(metadata, { subject: `stream/${name}` })
    return verdicts.map(({ rows, rejected, verdict }) => ({ rows, rejected, verdict }))
  }

  await expect(hour(1, 40)).rejects.toThrow('a disk that does not answer')
  expect(await verdictsOn('broken')).toEqual([])
  expect(await verdictsOn('whole')).toEqual([{ rows: 60, rejected: 40, verdict: 'fail' }])
  isBroken = false
  await hour(2, 0)
  expect(await verdictsOn('broken')).toEqual([{ rows: 160, rejected: 40, verdict: 'fail' }])
  expect((await verdictsOn('whole'))[0]).toEqual({ rows: 100, rejected: 0, verdict: 'pass' })
  await opened.close()
  await log.close()
  await metadata.close()
})

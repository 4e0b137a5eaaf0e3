import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import { openLog } from '../log/sqlite-event-log.ts'
import { openDuckdb } from './duckdb.ts'
import { groupRowsFor } from './row-bytes.ts'
import { rangesOf } from './row-ranges.ts'
import { scanEvents } from './scan-events.ts'
import { publishFiles, writeEvents } from './write-events.ts'

const MEGABYTE = 2 ** 20

test('a range is of one group, and of no more bytes than are read together', () => {
  const groups = [
    { from: 0, to: 2100 },
    { from: 2100, to: 3000 },
  ]
  const blocks = (...megabytes: number[]) => megabytes.map((some, place) => ({ place, bytes: some * MEGABYTE }))
  expect(rangesOf(groups, blocks(1, 1, 1, 1, 1, 1))).toEqual(groups)
  expect(rangesOf(groups, blocks(20, 12, 1, 40, 1, 1))).toEqual([
    { from: 0, to: 1024 },
    { from: 1024, to: 1536 },
    { from: 1536, to: 2048 },
    { from: 2048, to: 2100 },
    { from: 2100, to: 3000 },
  ])
  expect(rangesOf(groups, blocks(1, 1, 1, 1, 1, 1).slice(5))).toEqual([{ from: 2560, to: 3000 }])
  expect(rangesOf(groups, [])).toEqual([])
})

test('groups have fewer rows where rows are wide', () => {
  expect([0, 64, 280, 1600, 20_000, 10_000_000].map(groupRowsFor)).toEqual([
    122_880, 122_880, 118_784, 20_480, 2048, 2048,
  ])
})

test('a file with one group of wide rows is read in less memory than the group takes', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-ranges-'))
  const stream: StreamDefinition = {
    ...{ kind: 'stream', name: 'things', key: ['name'], id: ['name'], time: 'at', knownAt: { lag: 0 }, ahead: 0 },
    schema: { name: { type: 'string' }, at: { type: 'timestamp' } },
    corrections: { within: 0 },
  }
  const log = await openLog(join(folder.path, 'log.db'), { clock: virtualClock(0) })
  const rows = 50_000
  const writer = await openDuckdb({ threads: 1, temporaryFolder: folder.path })
  const file = await writeEvents(writer, folder.path, {
    ...{ stream: 'things', generation: 0, bytesOfRow: 1 },
    select: `SELECT i AS _offset, 0::UTINYINT AS _partition, 0::UINTEGER AS _generation, 'n' || i AS _id,
      0::BIGINT AS _revision, false AS _tombstone, i AS _event_time, i AS _known_at, i AS _appended_at,
      i || repeat('x', 1500) AS name, i AS at FROM range(${rows}) AS r(i)`,
  })
  writer.close()
  const publish = () => publishFiles(folder.path, [file!])
  await log.recordLakeFiles({ files: [file!], flushedOffset: rows - 1, publish })
  const reader = await openDuckdb({ memory: '320MB', temporaryFolder: folder.path })
  let next = 0
  for await (const { offset, columns } of scanEvents(reader, folder.path, log, stream, 0, rows - 1))
    for (const [row, at] of offset.entries()) {
      if (at !== next || !(columns[0]![row] as string).startsWith(`${at}x`)) expect.unreachable(`row ${next}`)
      next += 1
    }
  expect(next).toBe(rows)
  reader.close()
  await log.close()
})

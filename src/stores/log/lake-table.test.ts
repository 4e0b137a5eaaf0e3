import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import type { LakeFile } from './lake-file.ts'
import { openLog } from './sqlite-event-log.ts'

function fileOf(firstOffset: number, lastOffset: number): LakeFile {
  const times = { firstEventTime: 0, lastEventTime: 0, firstKnownAt: 0, lastKnownAt: 0 }
  const place = { path: `${firstOffset}-${lastOffset}`, stream: 'one', generation: 0, firstOffset, lastOffset }
  return {
    ...place,
    ...times,
    rows: lastOffset - firstOffset + 1,
    bytes: 9,
    digest: `sha256:${firstOffset}-${lastOffset}`,
  }
}

test('a file is read in the place of others from when it has its name, and their lines stay', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-lake-table-'))
  const path = join(folder.path, 'log.db')
  const open = () => openLog(path, { clock: virtualClock(5) })
  let log = await open()
  const table = log.lakeTable
  const paths = () => log.lakeFiles('one').map((file) => file.path)
  const files = [fileOf(0, 1), fileOf(2, 3), fileOf(4, 5), fileOf(6, 7)]
  await log.recordLakeFiles({ files, flushedOffset: 7, publish: async () => {} })

  const seen: string[][] = []
  const publish = async () => void seen.push(paths())
  await table.replace({ file: fileOf(0, 3), replaced: ['0-1', '2-3'], publish })
  expect(seen).toEqual([['0-1', '2-3', '4-5', '6-7']])
  expect(paths()).toEqual(['0-3', '4-5', '6-7'])
  expect(table.replaced()).toEqual(files.slice(0, 2))

  // What could not get its name is not read, and gets it before anything else is replaced.
  let failures = 1
  const late = async () => {
    if (failures-- > 0) throw new Error('no such folder')
    await publish()
  }
  await expect(table.replace({ file: fileOf(4, 7), replaced: ['4-5', '6-7'], publish: late })).rejects.toThrow()
  expect(paths()).toEqual(['0-3', '4-5', '6-7'])
  await table.replace({ file: fileOf(0, 7), replaced: ['0-3', '4-7'], publish })
  expect(seen.slice(1)).toEqual([
    ['0-3', '4-5', '6-7'],
    ['0-3', '4-7'],
  ])
  expect(paths()).toEqual(['0-7'])

  await table.remove(['0-1', '4-7'])
  expect(table.replaced().map((file) => file.path)).toEqual(['0-3', '2-3', '4-5', '6-7'])
  expect(['0-1', '4-7', '2-3', 'none'].map(table.isRemoved)).toEqual([true, true, false, false])
  const mergedInto = (path: string) =>
    table.merges('one').flatMap(({ file, into }) => (into === `sha256:${path}` ? [file.slice('sha256:'.length)] : []))
  expect(mergedInto('0-3')).toEqual(['0-1', '2-3'])
  expect(mergedInto('0-7')).toEqual(['0-3', '4-7'])
  const every = table.every('one')
  expect(every).toHaveLength(7)
  await log.close()
  log = await open()
  expect(log.lakeTable.every('one')).toEqual(every)
  expect(paths()).toEqual(['0-7'])
  await log.close()
})

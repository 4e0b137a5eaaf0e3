import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MINUTE } from '../../src/core/time.ts'
import type { RebuildRecord } from '../../src/platform/app/rebuild/rebuild-record.ts'
import { shopConfig } from './running-platform.ts'
import { importShop, makeHistory, NOW, openShop, temporaryFolder } from './shop-fixture.ts'
import { trueline } from './trueline.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let version: number
let digest: string
const data = () => join(folder.path, 'data')
const recordFolder = () => join(folder.path, 'record')

beforeAll(async () => {
  folder = await temporaryFolder()
  const { platform, clock } = await openShop({ folder: folder.path })
  const { lake } = platform.parts
  const order = { order: 'L1', customer: 'C1', product: 'P1', amount: 3, card: null, ordered_at: NOW - 3_600_000_000 }
  /** Orders that come one by one, each in a file of its own. */
  const takeSmall = async (name: string): Promise<void> => {
    for (let number = 0; number < 16; number += 1) {
      await platform.ingest('orders', [{ ...order, order: `${name}${number}` }])
      await lake.flush()
    }
  }
  await importShop(platform, folder.path, makeHistory())
  await takeSmall('before')
  const trained = await platform.train('sent_back', { name: 'ann' }, { at: NOW, variant: 'without_windows' })
  version = trained.version
  digest = trained.digest
  await takeSmall('after')
  clock.advanceTo(clock.now() + MINUTE)
  await platform.tick()
  expect(lake.replacedFiles()).toHaveLength(32)
  await platform.ingest('orders', [order])
  // In use, with more rows than the version was trained on, and with files of it that are part of another by now.
  const ran = await rebuild('sent_back', String(version), '--into', recordFolder())
  expect(ran).toMatchObject({ code: 0, json: { verdict: 'equal', digest, rebuilt: digest, parts: [] } })
  // Somebody may be at work on the code meanwhile.
  const inputs = ran.json.differences.map(({ input }: { input: string }) => input)
  expect(inputs.filter((input: string) => !input.startsWith('environment.project.git.'))).toEqual([])
  await platform.close()
  // A start removes those files, but for what the version was trained on.
  const again = await openShop({ folder: folder.path, now: clock.now() + 1 })
  expect(again.platform.parts.lake.replacedFiles()).toHaveLength(16)
  await again.platform.close()
})

afterAll(async () => {
  await folder[Symbol.asyncDispose]()
})

async function rebuild(...words: string[]) {
  return await trueline('rebuild', ...words, '--config', shopConfig, '--directory', data(), '--json')
}

/** A copy of the record with something else in it. */
function changedRecord(name: string, change: (record: RebuildRecord) => object): string {
  const to = join(folder.path, name)
  cpSync(recordFolder(), to, { recursive: true })
  rmSync(join(to, 'rebuilt'), { recursive: true })
  const path = join(to, 'record.json')
  const record = JSON.parse(readFileSync(path, 'utf8')) as RebuildRecord
  writeFileSync(path, JSON.stringify({ ...record, ...change(record) }))
  return to
}

test('it is made again from the record alone, and where another model comes out, the inputs that differ are named', async () => {
  const other = `sha256:${'1'.repeat(64)}`
  const changed = changedRecord('changed', ({ manifest, environment, data: rows }) => ({
    digest: other,
    manifest: { ...manifest, scorer: other, features: { ...manifest.features, timing: other } },
    environment: { ...environment, code: other, processor: { model: 'Another', features: ['avx512f'] } },
    data: { ...rows, content: other, blocks: { ...rows.blocks, digests: [other] } },
  }))
  const { json, code } = await trueline(
    'rebuild',
    '--from',
    changed,
    '--directory',
    join(folder.path, 'none'),
    '--json',
  )
  // To the bit what the version was, which the record says no more.
  expect(json).toMatchObject({ verdict: 'differs', digest: other, rebuilt: digest, parts: ['scorer', 'features'] })
  const inputs = json.differences.map(({ input }: { input: string }) => input)
  expect(inputs.slice(0, 3)).toEqual(['data.content', 'features.timing', 'environment.code'])
  expect(inputs).toContain('environment.processor.features')
  expect(code).toBe(1)
})

test('definitions that are not what their digest says are refused', async () => {
  const changed = changedRecord('tampered', ({ definition }) => ({ definition: { ...definition, models: {} } }))
  const { json, code } = await rebuild('--from', changed)
  expect(json).toMatchObject({ code: 'directory_damaged', path: 'definition' })
  expect(code).toBe(2)
})

test('a file of events that is gone or changed is named by its stream and digest', async () => {
  const record = JSON.parse(readFileSync(join(recordFolder(), 'record.json'), 'utf8')) as RebuildRecord
  const [file] = record.data.files['returns']!
  const { readLakePaths } = await import('../../src/stores/log/lake-paths.ts')
  const path = join(data(), 'lake', readLakePaths(join(data(), 'log.db')).get(file!.digest)!)
  writeFileSync(path, 'something else')
  const { json, code } = await rebuild('sent_back', String(version))
  expect(json).toMatchObject({ verdict: 'differs', differences: [{ input: 'data.files.returns' }] })
  expect(json.differences[0].sentence).toBe(
    `A file of the stream 'returns' that it was trained on has changed: ${file!.digest}.`,
  )
  expect(code).toBe(1)
})

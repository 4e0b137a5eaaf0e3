import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import { DAY } from '../../core/time.ts'
import { openMetadata } from '../../stores/metadata/metadata.ts'
import { listWindows, type MonitorWindow, saveWindows } from './window-store.ts'

async function temporaryWindows() {
  const folder = await mkdtempDisposable(join(tmpdir(), 'trueline-windows-'))
  const metadata = await openMetadata(join(folder.path, 'meta.db'), { clock: virtualClock(0) })
  return {
    metadata,
    async [Symbol.asyncDispose]() {
      await metadata.close()
      await folder.remove()
    },
  }
}

function day(index: number, change: Partial<MonitorWindow> = {}): MonitorWindow {
  return {
    model: 'late_flight',
    version: 1,
    kind: 'service',
    start: index * DAY,
    length: DAY,
    payload: { index },
    ...change,
  }
}

test('windows come back in order of time, whatever the order they were measured in', async () => {
  await using windows = await temporaryWindows()
  await saveWindows(windows.metadata, [day(3), day(1)])
  await saveWindows(windows.metadata, [day(2), day(-1)])
  await saveWindows(windows.metadata, [])
  const { items, next } = await listWindows(windows.metadata, { model: 'late_flight', kind: 'service' })
  expect(items).toEqual([day(-1), day(1), day(2), day(3)])
  expect(next).toBeNull()
})

test('a stretch measured again replaces what was measured before, and nothing else', async () => {
  await using windows = await temporaryWindows()
  const others = [
    day(1, { version: 2 }),
    day(1, { kind: 'data' }),
    day(1, { kind: 'data', feature: 'a' }),
    day(1, { kind: 'data', feature: 'b' }),
    day(1, { length: 1 }),
    day(1, { model: 'other' }),
  ]
  await saveWindows(windows.metadata, [day(1), ...others])
  await saveWindows(windows.metadata, [day(1, { payload: { again: true } })])
  const list = async (kind: 'service' | 'data', model = 'late_flight') =>
    (await listWindows(windows.metadata, { model, kind })).items
  expect(await list('service')).toEqual([day(1, { payload: { again: true } }), others[0], others[4]])
  expect(await list('data')).toEqual(others.slice(1, 4))
  expect(await list('service', 'other')).toEqual([others[5]])
})

test('windows can be chosen by time, version and feature, page by page', async () => {
  await using windows = await temporaryWindows()
  const all = Array.from({ length: 12 }, (_, index) =>
    day(index >> 1, { kind: 'data', feature: index % 2 === 0 ? 'a' : 'b', version: index < 6 ? 1 : 2 }),
  )
  await saveWindows(windows.metadata, all)
  const query = { model: 'late_flight', kind: 'data' } as const
  const list = async (more: Partial<Parameters<typeof listWindows>[1]>) =>
    (await listWindows(windows.metadata, { ...query, ...more })).items
  expect(await list({ from: DAY, until: 3 * DAY })).toEqual(all.slice(2, 6))
  expect(await list({ version: 2, feature: 'b' })).toEqual([all[7], all[9], all[11]])
  const seen: MonitorWindow[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await listWindows(windows.metadata, {
      ...query,
      limit: 5,
      ...(cursor === undefined ? {} : { cursor }),
    })
    seen.push(...page.items)
    cursor = page.next
  }
  expect(seen).toEqual(all)
})

test('of windows that cannot all be kept none is', async () => {
  await using windows = await temporaryWindows()
  const broken = [day(1), day(2, { payload: { psi: Number.NaN } })]
  await expect(saveWindows(windows.metadata, broken)).rejects.toThrow('canonical')
  expect((await listWindows(windows.metadata, { model: 'late_flight', kind: 'service' })).items).toEqual([])
})

test('windows can be asked for by their length', async () => {
  await using windows = await temporaryWindows()
  const hour = day(1, { length: 3600 })
  await saveWindows(windows.metadata, [day(1), hour, day(2)])
  const list = async (filter: { shortest?: number; longest?: number }) =>
    (await listWindows(windows.metadata, { model: 'late_flight', kind: 'service', ...filter })).items
  expect(await list({ longest: 3600 })).toEqual([hour])
  expect(await list({ shortest: 3601 })).toEqual([day(1), day(2)])
})

import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/core/clock.ts'
import { DAY, HOUR, MINUTE } from '../../src/core/time.ts'
import { count, entity, features, last, stream, t } from '../../src/index.ts'
import { collectProject } from '../../src/language/define/collect-project.ts'
import { openPlatform } from '../../src/platform/app/open-platform.ts'
import { servePlatform } from '../../src/platform/app/serve.ts'
import { postJson } from './http.ts'
import { meters, readings, sites } from './retrieve.config.ts'
import { NOW, openShop, temporaryFolder } from './shop-fixture.ts'
import { trueline } from './trueline.ts'

const project = collectProject([meters, sites])

/** Ten readings of each of three meters, a minute apart, the last one a minute ago. */
const rowsBefore = (now: number) =>
  Array.from({ length: 30 }, (_, reading) => ({
    ...{ reading, meter: reading % 3, site: `S${reading % 2}`, level: reading === 29 ? null : reading },
    at: now - (10 - Math.floor(reading / 3)) * MINUTE,
  }))

test('many entities and features of several groups come in one answer, column by column', async () => {
  await using folder = await temporaryFolder()
  const { platform } = await openShop({ folder: folder.path, project })
  const server = await servePlatform(platform, { port: 0 })
  try {
    await platform.ingest('readings', rowsBefore(NOW))
    const url = `${server.url}/api/v1/features/retrieve`
    const keys = { meter: [0, '1', 7], site: ['S0', 'S0', 'S0'] }
    const asked = { features: ['meters.mean', 'sites', 'meters.site'], keys, at: NOW }
    const { body } = await postJson(url, asked)
    expect(body).toEqual({
      t: NOW,
      features: [
        { name: 'meters.mean', values: [13.5, 14.5, null], statuses: ['value', 'value', 'unknown_key'] },
        { name: 'meters.site', values: ['S1', 'S0', null], statuses: ['value', 'value', 'unknown_key'] },
        { name: 'sites.rows', values: [5, 5, 0], statuses: ['value', 'value', 'unknown_key'] },
      ],
      freshness: [
        { group: 'meters', asOf: { position: 29, knownAt: NOW }, age: 0, promised: 10 * MINUTE, degraded: false },
        { group: 'sites', asOf: { position: 29, knownAt: NOW }, age: 0, degraded: false },
      ],
    })
    for (const [wrong, code, path] of [
      [{ features: ['meter'] }, 'unknown_feature', undefined],
      [{ features: ['meters.means'] }, 'unknown_feature', undefined],
      [{ keys: { site: ['S0'] } }, 'missing_key', 'keys.meter'],
      [{ keys: { meter: [1, 2], site: ['S0'] } }, 'invalid_request', 'keys.site'],
      [{ keys: { ...keys, colour: [1, 2, 3] } }, 'unknown_column', undefined],
      [{ keys: { ...keys, meter: [0, 'one', 2] } }, 'wrong_type', 'keys.meter[1]'],
    ] as const)
      expect((await postJson(url, { ...asked, ...wrong })).body, code).toMatchObject({
        ...{ code, ...(path === undefined ? {} : { path }) },
      })
    // What is not there is advised about: the nearest name, and all that there are.
    for (const [wrong, advice] of [
      [{ features: ['meter'] }, { error: /'meter'\. Did you mean 'meters'\?$/, remedy: /^There are: .*meters/ }],
      [
        { keys: { ...keys, metre: [0, 1, 2] } },
        { error: /'metre'\. Did you mean 'meter'\?$/, remedy: /^There are: .*meter/ },
      ],
    ] as const)
      expect((await postJson(url, { ...asked, ...wrong })).body).toMatchObject({
        error: expect.stringMatching(advice.error),
        remedy: expect.stringMatching(advice.remedy),
      })
  } finally {
    await server.close()
    await platform.close()
  }
})

test('what the state no longer reaches comes from the log, beside what it does', async () => {
  await using folder = await temporaryFolder()
  const { platform, clock } = await openShop({ folder: folder.path, project })
  try {
    await platform.ingest('readings', rowsBefore(NOW))
    const ask = () =>
      platform.retrieve({ features: ['meters', 'sites'], keys: { meter: [0, 1], site: ['S0', 'S1'] }, at: NOW })
    const { features } = await ask()
    clock.advanceTo(NOW + 40 * DAY)
    await platform.ingest('readings', [{ ...rowsBefore(NOW + 40 * DAY)[0]!, reading: 100 }])
    await platform.tick()
    expect((await ask()).features).toEqual(features)
  } finally {
    await platform.close()
  }
})

test('a stale group is never passed off as fresh, and a question about the past is not stale', async () => {
  await using folder = await temporaryFolder()
  const { platform, clock } = await openShop({ folder: folder.path, project })
  const ask = async (at?: number) => {
    const { freshness } = await platform.retrieve({ features: ['meters'], keys: { meter: [0] }, at })
    return freshness[0]
  }
  try {
    expect(await ask()).toEqual({ group: 'meters', asOf: { position: -1 }, promised: 10 * MINUTE, degraded: true })
    await platform.ingest('readings', rowsBefore(NOW))
    clock.advanceTo(NOW + 10 * MINUTE)
    expect(await ask()).toMatchObject({ age: 10 * MINUTE, degraded: false })
    clock.advanceTo(NOW + 11 * MINUTE)
    expect(await ask()).toMatchObject({ asOf: { position: 29 }, age: 11 * MINUTE, degraded: true })
    expect(await ask(NOW + MINUTE)).toMatchObject({ age: MINUTE, degraded: false })
    expect(await ask(NOW + DAY)).toMatchObject({ age: 11 * MINUTE, degraded: true })
    await platform.ingest('readings', [{ ...rowsBefore(clock.now())[29]!, reading: 30 }])
    expect(await ask()).toMatchObject({ asOf: { position: 30 }, age: 0, degraded: false })
  } finally {
    await platform.close()
  }
})

test('months of entities that come and go take no more memory than a week of them, and expired values stay away', async () => {
  await using folder = await temporaryFolder()
  const { platform, clock } = await openShop({ folder: folder.path, project })
  const sizes: number[] = []
  try {
    for (let day = 0; day < 120; day += 1) {
      const now = NOW + day * DAY
      clock.advanceTo(now)
      const rows = Array.from({ length: 200 }, (_, index) => ({
        ...{ reading: day * 200 + index, meter: day * 100 + (index % 150), site: 'S', level: index, at: now - HOUR },
      }))
      await platform.ingest('readings', rows)
      await platform.tick()
      // What is saved is also packed, and packed entities are let go of like others.
      if (day % 10 === 5)
        for (const group of platform.parts.engine.groups()) for (const _ of group.live.snapshot().chunks);
      const memory = platform.parts.engine.groups().map(({ live }) => live.memory())
      sizes.push(memory.reduce((sum, { bytes }) => sum + bytes, 0))
      const { features } = await platform.retrieve({
        features: ['meters'],
        keys: { meter: [day * 100, day * 100 - 300] },
      })
      expect(features.map(({ statuses }) => statuses)).toEqual(new Array(3).fill(['value', 'unknown_key']))
    }
    const entities = platform.parts.engine.groups().map(({ live }) => live.memory().entities)
    expect(Math.max(...entities)).toBeLessThan(600)
    expect(Math.max(...sizes.slice(60))).toBeLessThanOrEqual(1.3 * Math.max(...sizes.slice(3, 10)))
  } finally {
    await platform.close()
  }
})

test('a start goes on from the saved state; from a damaged one it reads the log, says so, and answers the same', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'data', 'features.state')
  const log = join(folder.path, 'data', 'trueline.log')
  const answers: unknown[] = []
  const again = async (rows: readonly unknown[]): Promise<string> => {
    const { platform } = await openShop({ folder: folder.path, project })
    try {
      const read = await readFile(log, 'utf8')
      expect(await platform.ingest('readings', rows)).toMatchObject({ rejected: [] })
      const { features } = await platform.retrieve({
        features: ['meters', 'sites'],
        keys: { meter: [0, 1], site: ['S0', 'S1'] },
        at: NOW,
      })
      answers.push(features)
      return read
    } finally {
      await platform.close()
    }
  }
  const rows = rowsBefore(NOW)
  await again(rows.slice(0, 20))
  const whole = await readFile(path)
  await again(rows)
  const newer = await readFile(path)
  expect(newer.equals(whole)).toBe(false)
  // An older copy, as a crash leaves it; then one that is cut, one of another log, and none.
  await writeFile(path, whole)
  expect(await again([])).not.toContain('made again')
  await writeFile(path, newer.subarray(0, newer.length - 9))
  expect(await again([])).toContain('made again from the log')
  expect(new Set(answers.slice(1).map((answer) => JSON.stringify(answer))).size).toBe(1)
  await using other = await temporaryFolder()
  const { platform } = await openShop({ folder: other.path, project })
  await platform.ingest(
    'readings',
    rows.map((row) => ({ ...row, reading: row.reading + 1000 })),
  )
  await platform.close()
  await writeFile(path, await readFile(join(other.path, 'data', 'features.state')))
  expect(await again([])).toContain('was saved over another log')
  expect(answers.at(-1)).toEqual(answers[1])
})

test('a group that means something else now is made again with those of its stream, and the others go on', async () => {
  await using folder = await temporaryFolder()
  const log = join(folder.path, 'data', 'trueline.log')
  const alarms = stream('alarms', {
    key: 'alarm',
    time: 'at',
    schema: { alarm: t.int(), text: t.string(), at: t.timestamp() },
  })
  const texts = entity('text', { text: t.string() })
  const select = { last: last('text', { ttl: '1d' }), rows: count().over('1d') }
  const byText = features('by_text', { entity: texts, from: alarms, select })
  const asked = {
    features: ['meters', 'sites', 'by_text'],
    keys: { meter: [1, 1], site: ['S0', 'S1'], text: ['on', 'off'] },
  }
  const before = await openShop({ folder: folder.path, project: collectProject([meters, sites, byText]) })
  await before.platform.ingest('readings', rowsBefore(NOW))
  const rows = ['on', 'off', 'on'].map((text, alarm) => ({ alarm, text, at: NOW - HOUR }))
  await before.platform.ingest('alarms', rows)
  const answer = await before.platform.retrieve(asked)
  await before.platform.close()

  const changed = features('sites', {
    entity: entity('site', { site: t.string(), meter: t.int() }),
    from: readings,
    select: { rows: count().over('2d') },
  })
  const project = collectProject([meters, changed, byText])
  const { platform } = await openShop({ folder: folder.path, project, apply: true })
  try {
    expect(await readFile(log, 'utf8')).toMatch(
      /made again from the log: the state of 'sites' \(\w{12}\) was not saved"/,
    )
    const { features: values, freshness } = await platform.retrieve(asked)
    expect({ values, freshness }).toEqual({ values: answer.features, freshness: answer.freshness })
    expect(values.find(({ name }) => name === 'by_text.last')?.values).toEqual(['on', 'off'])
    expect(await platform.ingest('readings', rowsBefore(NOW))).toMatchObject({ duplicates: 30 })
    expect(await platform.ingest('alarms', rows)).toMatchObject({ duplicates: 3 })
  } finally {
    await platform.close()
  }
})

test('the command line reads features by whole numbers, of one entity, of many, and from a file', async () => {
  await using folder = await temporaryFolder()
  const config = resolve(import.meta.dirname, 'retrieve.config.ts')
  const directory = join(folder.path, 'data')
  const now = systemClock().now()
  const platform = await openPlatform({ config, directory })
  await platform.ingest('readings', rowsBefore(now))
  await platform.close()
  const run = (...words: string[]) => trueline('features', ...words, '--config', config, '--directory', directory)
  const one = await run('get', 'meters', 'meter=1')
  expect(one).toMatchObject({ code: 0 })
  expect(one.stdout).toMatch(/meters\.mean +14\.5 +value/)
  expect(one.stdout).toMatch(/meters: as of offset 29, .*: the newest event became known (\d+[dhms] ?)+ ago\n/)
  const file = join(folder.path, 'keys.ndjson')
  await writeFile(file, '{"meter": 2}\n\n{"meter": "9"}\n')
  const many = await run('get', 'meters.rows,meters.site', 'meter=1', '--keys', file, '--json')
  expect(many.json.features).toEqual([
    { name: 'meters.rows', values: [10, 10, 0], statuses: ['value', 'value', 'unknown_key'] },
    { name: 'meters.site', values: ['S0', 'S1', null], statuses: ['value', 'value', 'unknown_key'] },
  ])
  expect((await run('get', 'meters', 'meter=1', 'meter=9')).stdout).toMatch(/9 +\(unknown_key\)|9 .*\(unknown_key\)/)
  expect(await run('get', 'meters', 'meter=one', '--json')).toMatchObject({ code: 1, json: { code: 'wrong_type' } })
  await writeFile(file, 'meter=2')
  expect(await run('get', 'meters', '--keys', file, '--json')).toMatchObject({ json: { code: 'invalid_arguments' } })
  expect((await run('show', 'meters.mean')).stdout).toMatch(/3 entities, \d+ bytes each/)
})

import { expect, test } from 'vitest'
import { DAY, HOUR } from '../../src/core/time.ts'
import { count, entity, features, last, max, mean, stream, sum, t } from '../../src/index.ts'
import { collectProject } from '../../src/language/define/collect-project.ts'
import { NOW, openShop, temporaryFolder } from './shop-fixture.ts'

const readings = stream('readings', {
  key: ['meter', 'slot'],
  time: 'at',
  schema: {
    meter: t.int(),
    slot: t.timestamp(),
    live: t.bool(),
    text: t.string({ nullable: true }),
    level: t.number({ nullable: true }),
    price: t.decimal({ scale: 2 }),
    at: t.timestamp(),
  },
})
const meter = entity('meter', { meter: t.int() })
const kind = entity('kind', { live: t.bool(), price: t.decimal({ scale: 2 }) })
const slot = entity('slot', { slot: t.timestamp() })
const level = entity('level', { level: t.number() })

const select = {
  rows: count().over('2d'),
  text: last('text', { ttl: '2d' }),
  live: last('live', { ttl: '2d' }),
  price: sum('price').over('2d'),
  dearest: max('price').over('2d'),
  level: mean('level').over('2d'),
  ever: count().over('lifetime'),
}
const project = collectProject([
  features('by_meter', { entity: meter, from: readings, select }),
  features('by_kind', { entity: kind, from: readings, select }),
  features('by_slot', { entity: slot, from: readings, select }),
  features('by_level', { entity: level, from: readings, select }),
])

test('keys and values of every type read the same from memory and from the log', async () => {
  await using folder = await temporaryFolder()
  const { platform, clock } = await openShop({ folder: folder.path, project })
  try {
    const at = (hours: number) => NOW - 12 * HOUR + hours * HOUR
    const rows = [
      { meter: -7, slot: NOW, live: true, text: 'ä\u0000"', level: 0.1, price: '19.99', at: at(1) },
      { meter: -7, slot: NOW, live: false, text: null, level: null, price: 0.01, at: at(2) },
      { meter: 9_007_199_254_740_991, slot: NOW + DAY, live: true, text: '', level: 1e-40, price: '-3', at: at(3) },
      { meter: -7, slot: NOW, live: true, text: 'last', level: -0, price: '19.99', at: at(4) },
    ]
    expect(await platform.ingest('readings', rows)).toMatchObject({ accepted: 4, rejected: [] })
    const questions: [string, Record<string, unknown>][] = [
      ['by_meter', { meter: -7 }],
      ['by_meter', { meter: '-7' }],
      ['by_meter', { meter: 9_007_199_254_740_991 }],
      ['by_meter', { meter: 1 }],
      ['by_kind', { live: true, price: '19.99' }],
      ['by_kind', { live: 'false', price: 0.01 }],
      ['by_slot', { slot: '2025-03-21T00:00:00Z' }],
      ['by_level', { level: 0.1 }],
      ['by_level', { level: '1e-40' }],
      ['by_level', { level: 0 }],
    ]
    const ask = () => Promise.all(questions.map(([group, key]) => platform.featureVector(group, key, NOW)))
    const live = await ask()
    expect(live[0]!.map(({ name, value }) => [name, value])).toEqual([
      ['dearest', 19.99],
      ['ever', 3],
      ['level', 0.05],
      ['live', true],
      ['price', 39.99],
      ['rows', 3],
      ['text', 'last'],
    ])
    expect(live[3]!.map(({ status }) => status)).toEqual(new Array(7).fill('unknown_key'))
    expect(live.map((vector) => vector.find(({ name }) => name === 'ever')?.value)).toEqual([
      3, 3, 1, 0, 2, 1, 3, 1, 1, 1,
    ])
    // A month later nothing of this is in memory but what lifetimes need.
    clock.advanceTo(NOW + 31 * DAY)
    await platform.tick()
    expect(await ask()).toEqual(live)
    await platform.parts.lake.flush()
    expect(await ask()).toEqual(live)
  } finally {
    await platform.close()
  }
})

test.each([
  ['a text for a whole number', 'by_meter', { meter: 'seven' }, 'wrong_type'],
  ['an empty text for a number', 'by_level', { level: '' }, 'wrong_type'],
  ['a text for a bool', 'by_kind', { live: 'yes', price: 1 }, 'wrong_type'],
  ['a key less', 'by_kind', { live: true }, 'missing_key'],
  ['a key more', 'by_slot', { slot: 0, meter: 1 }, 'unknown_column'],
])('%s in a key is refused', async (_what, group, key, code) => {
  await using folder = await temporaryFolder()
  const { platform } = await openShop({ folder: folder.path, project })
  try {
    await expect(platform.featureVector(group, key)).rejects.toMatchObject({ code })
  } finally {
    await platform.close()
  }
})

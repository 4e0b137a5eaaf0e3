import { expect, test } from 'vitest'
import type { ProjectDefinition } from '../../src/language/define/definitions.ts'
import { NOW, openShop, orders, shop, temporaryFolder } from './shop-fixture.ts'

const { card: _, ...withoutCard } = orders.schema
const corrected: ProjectDefinition = {
  ...shop,
  streams: { ...shop.streams, orders: { ...shop.streams['orders']!, schema: withoutCard } },
}
const order = { order: 'O1', customer: 'C1', product: 'P1', amount: 20, ordered_at: NOW }

test('definitions are free to change until an event was taken by them', async () => {
  await using folder = await temporaryFolder()
  const { platform: first } = await openShop({ folder: folder.path })
  expect(await first.ingest('orders', [{ ...order, card: 4000 }])).toMatchObject({ accepted: 0 })
  await first.close()
  const notes: string[] = []
  const { platform: second } = await openShop({ folder: folder.path, project: corrected, notes })
  expect(notes).toEqual([expect.stringMatching(/^Applied: stream 'orders' changed/)])
  expect(await second.ingest('orders', [order])).toMatchObject({ accepted: 1 })
  await second.close()
  await expect(openShop({ folder: folder.path })).rejects.toMatchObject({ code: 'definitions_changed' })
})

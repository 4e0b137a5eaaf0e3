import { expect, test } from 'vitest'
import { t } from '../../language/define/column-types.ts'
import { source } from '../../language/define/source.ts'
import { sqlite } from '../../language/define/source-locations.ts'
import { stream } from '../../language/define/stream.ts'
import { projectorOf } from './project-row.ts'

test.each([
  [false, "a value of 'changed', 'soon', is neither"],
  [true, "a value of 'changed' is neither"],
])('a row whose watermark tells no revision is named by it, unless it is sensitive: %s', (sensitive, message) => {
  const into = stream('orders', {
    ...{ key: 'id', time: 'at' },
    schema: { id: t.string(), at: t.timestamp(), changed: t.string({ sensitive }) },
  })
  const from = sqlite('shop.db', { table: 'orders' })
  const definition = source('shop', { into, from, incremental: { by: 'changed' } })
  const project = projectorOf(definition, into, { coerce: (_, value) => value })
  expect(project({ id: '1', at: 0, changed: '2026-11-01T00:00:00Z' })).toMatchObject({ _revision: 1793491200000000 })
  expect(() => project({ id: '1', at: 0, changed: 'soon' })).toThrow(message)
})

import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { last } from '../../language/define/aggregations.ts'
import { t } from '../../language/define/column-types.ts'
import { entity } from '../../language/define/entity.ts'
import { features } from '../../language/define/features.ts'
import { stream } from '../../language/define/stream.ts'
import { createDictionary } from '../../language/expr/dictionary.ts'
import { openDuckdb } from '../../stores/lake/duckdb.ts'
import { readParts } from './replay-parts.ts'
import type { ReplayRelations } from './replay-relations.ts'

const visits = stream('visits', {
  key: 'id',
  time: 'at',
  schema: { id: t.string(), site: t.int(), page: t.string(), at: t.timestamp() },
})
const site = entity('site', { site: t.int() })
const pages = features('pages', { entity: site, from: visits, select: { page: last('page', { ttl: '1d' }) } })
const ROWS = 50_000

test('a part of which one half cannot be read is given up when the other half is read, and not before', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'replay-parts-'))
  const duckdb = await openDuckdb({ temporaryFolder: folder.path })
  const connections = [await duckdb.connect(), await duckdb.connect()] as const
  await connections[0].run(`
    CREATE TABLE events AS SELECT i::VARCHAR AS _id, i AS _event_time, i AS _known_at, i % 9 AS site, 'page ' || i AS page
    FROM range(${ROWS}) AS r(i);
    CREATE TABLE spine AS SELECT i AS _ordinal, i AS _t, i AS site FROM range(9) AS r(i)`)
  const dictionary = createDictionary()
  const relations: ReplayRelations = {
    ...{ definition: pages, stream: visits, entity: site, dictionary, events: 'events', visibleAt: 'event._known_at' },
    // Found out at once, while the events are being read.
    ...{ spine: 'spine', time: '_no_such_column', cut: '_t', rowColumns: ['site'] },
  }
  const parts = readParts(connections[0], relations, { ordersTies: false, rows: 9, mostAtOnce: 1e9 }, connections[1])
  await expect(parts.next()).rejects.toThrow('_no_such_column')
  expect(dictionary.size).toBe(ROWS)
  for (const connection of connections) connection.closeSync()
  duckdb.close()
})

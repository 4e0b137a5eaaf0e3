import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../core/time.ts'
import { count, mean } from '../../language/define/aggregations.ts'
import { collectProject } from '../../language/define/collect-project.ts'
import { t } from '../../language/define/column-types.ts'
import { entity } from '../../language/define/entity.ts'
import { features } from '../../language/define/features.ts'
import { label } from '../../language/define/label.ts'
import { model } from '../../language/define/model.ts'
import { byTime } from '../../language/define/model-parts.ts'
import { stream } from '../../language/define/stream.ts'
import { col } from '../../language/define/terms.ts'
import { openDuckdb } from '../../stores/lake/duckdb.ts'
import { loadSeenEvents } from './seen-events.ts'
import { planVector } from './vector.ts'

const trips = stream('trips', {
  key: 'trip',
  time: 'at',
  schema: { trip: t.string(), from: t.string(), to: t.string({ nullable: true }), miles: t.int(), at: t.timestamp() },
})
const place = entity('place', { place: t.string() })
const delays = features('delays', {
  entity: place,
  from: trips,
  keys: { place: 'from' },
  select: { mean_1h: mean('miles').over('1h'), n_1h: count().over('1h') },
})
const arrivals = features('arrivals', {
  ...{ entity: place, from: trips, keys: { place: 'to' } },
  select: { n_1h: count().over('1h') },
})
const asked = model('asked', {
  ...{ predicts: 'miles', at: trips },
  features: [delays.on({ place: 'from' }), arrivals.on({ place: 'to' })],
  label: label(trips, col('miles').gt(9)).on('trip').within('1d').absent(false),
  split: byTime({ train: '9d', validate: '1d', test: '1d' }),
})
const project = collectProject([asked])
const plan = planVector(asked, project)
const meaning = { plan, project, schema: project.streams['trips']!.schema }

/** offset, id, revision, deletion, from, miles */
type Row = readonly [number, string, number, boolean, string, number]
const rows: readonly Row[] = [
  [0, 'a', 0, false, 'ORD', 1],
  [1, 'b', 0, false, "O'Hare", 2],
  [2, 'c', 0, false, 'ORD', 3],
  [3, 'a', 1, false, 'ORD', 4],
  [4, 'd', 0, false, 'LAX', 5],
  [5, 'c', 1, true, 'ORD', 3],
  [6, 'e', 0, false, 'ORD', 6],
]

async function seenAt(offset: number, row: Readonly<Record<string, string | null>>) {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-seen-'))
  const duckdb = await openDuckdb({ temporaryFolder: folder.path })
  const file = join(folder.path, 'trips.parquet')
  const texts = rows.map(
    ([at, id, revision, deletes, from, miles]) =>
      `(${at}, 0, 0, '${id}', ${revision}, ${deletes}, ${HOUR + at * MINUTE}, ${HOUR}, ${HOUR}, '${id}', '${from.replaceAll("'", "''")}', ${id === 'd' ? "'LAX'" : 'NULL'}, ${miles}, ${HOUR})`,
  )
  const names = '_offset, _partition, _generation, _id, _revision, _tombstone, _event_time, _known_at, _appended_at'
  try {
    return await duckdb.withConnection(async (connection) => {
      await connection.run(
        `COPY (SELECT * FROM (VALUES ${texts.join(', ')}) rows(${names}, trip, "from", "to", miles, "at")) TO '${file}' (FORMAT parquet)`,
      )
      const question = { row: JSON.stringify(row), offsets: plan.groups.map(() => offset) }
      const seen = await loadSeenEvents(connection, meaning, question, () => [file])
      const trip = seen?.get('trips')
      return trip === undefined
        ? undefined
        : trip.batch.id.map((id, index) => [id, trip.batch.offset[index], trip.superseded[index]])
    })
  } finally {
    duckdb.close()
  }
}

test('the rows of the entities that a row names are loaded, as far as the vector saw, with what was superseded by then', async () => {
  expect(await seenAt(2, { from: 'ORD', to: null })).toEqual([
    ['a', 0, 0],
    ['c', 2, 0],
  ])
  expect(await seenAt(6, { from: 'ORD', to: 'LAX' })).toEqual([
    ['a', 0, 1],
    ['c', 2, 1],
    ['a', 3, 0],
    ['d', 4, 0],
    ['e', 6, 0],
  ])
  expect(await seenAt(6, { from: "O'Hare", to: 'ORD' })).toContainEqual(['b', 1, 0])
  expect(await seenAt(6, { from: 'nowhere', to: null })).toBeUndefined()
})

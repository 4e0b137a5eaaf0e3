import { expect, test } from 'vitest'
import { batch, rowsOf } from './batch.ts'
import { meanOf } from './batch-checks.ts'
import { checkProject } from './check-project.ts'
import { decodeProject, encodeProject } from './codec.ts'
import { collectProject } from './collect-project.ts'
import { t } from './column-types.ts'
import { label } from './label.ts'
import { model } from './model.ts'
import { byTime } from './model-parts.ts'
import { csv, env, jsonLines, parquet, postgres, sqlite } from './source-locations.ts'
import { stream } from './stream.ts'
import { col } from './terms.ts'

const visits = stream('visits', {
  ...{ key: 'visit', time: 'at' },
  schema: {
    visit: t.string(),
    pages: t.int(),
    card: t.string({ sensitive: true }),
    bought: t.bool(),
    at: t.timestamp(),
  },
})
const parts = {
  ...{
    predicts: 'whether a visit ends in an order',
    at: visits,
    time: 'at' as const,
    features: [visits.pick('pages')],
  },
  label: label(visits, col('bought')).on('visit').within('1d').absent(false),
  split: byTime({ train: '7d', validate: '1d', test: '1d' }),
}
const buys = model('buys', parts)
const live = model('live', { ...parts, serve: { modes: ['realtime' as const] } })

const usual = { model: buys, population: csv('visits.csv'), to: parquet('scores.parquet') }

test('a batch is plain data with its defaults written out, and comes back from its text', () => {
  const project = collectProject([batch('nightly', { ...usual, population: rowsOf(visits, { next: '1d' }) })])
  checkProject(project)
  expect(project.batches).toEqual({
    nightly: {
      ...{ kind: 'batch', name: 'nightly', model: 'buys', columns: {}, keep: [], write: 'replace', quality: [] },
      population: { kind: 'stream', stream: 'visits', last: 0, next: 86_400_000_000 },
      ...{ to: { kind: 'parquet', path: 'scores.parquet' }, rejectBudget: 0.05 },
    },
  })
  expect(Object.keys(project.models)).toEqual(['buys'])
  expect(decodeProject(encodeProject(project))).toEqual(project)
})

test.each([
  ['a model that is not served in batches', { model: live }, 'serve.modes'],
  ['a schedule that is none', { schedule: 'nightly' }, 'cron'],
  ['several files to write to', { to: csv('a.csv', 'b.csv') }, 'not one Parquet or CSV file'],
  ['JSON lines to write to', { to: jsonLines('a.jsonl') }, 'not one Parquet or CSV file'],
  ['a query to write to', { to: sqlite('a.db', { query: 'SELECT 1' }) }, 'not a table'],
  ['a password', { to: postgres({ url: 'postgres://me:secret@host/db', table: 'a' }) }, 'password'],
  ['rows that are appended to a file', { write: 'append' as const }, 'replaced whole'],
  ['no stretch of the stream', { population: rowsOf(visits, {}) }, 'no stretch of time'],
  ['a column to keep that is not there', { keep: ['page'] }, 'page'],
  ['a check of a column that is not written', { quality: [meanOf('pages').atLeast(1)] }, 'pages'],
])('%s is a mistake with its place', (_, options, says) => {
  const project = collectProject([batch('nightly', { ...usual, ...options })])
  expect(() => checkProject(project)).toThrow(says)
})

test('tables, checks of scores, and columns that are kept are taken', () => {
  const quality = [meanOf('score').between(0, 1), meanOf('pages').atLeast(1)]
  const to = postgres({ url: env('WAREHOUSE'), table: 'bi.scores' })
  checkProject(collectProject([batch('nightly', { ...usual, to, write: 'append', keep: ['pages'], quality })]))
})

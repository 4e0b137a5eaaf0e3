import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ada, allPages, temporaryExperiments } from '../experiments.fixture.ts'
import { createExperiment } from '../experiments.ts'
import { logBatch } from '../log-batch.ts'
import { encodeToken } from '../page-token.ts'
import { logInputs } from '../run-inputs.ts'
import type { TrackedRun } from '../tracked-run.ts'
import { deleteRun, updateRun } from '../tracked-runs.ts'
import { searchRuns } from './search-runs.ts'

interface Asked {
  readonly text: string
  holds(run: TrackedRun): boolean
}

const metricOf = (run: TrackedRun, key: string) => run.metrics.find((metric) => metric.key === key)?.value
const paramOf = (run: TrackedRun, key: string) => run.params.find((param) => param.key === key)?.value
const tagOf = (run: TrackedRun, key: string) => run.tags.find((tag) => tag.key === key)?.value

const compare: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
}

const condition: fc.Arbitrary<Asked> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('auc', 'loss', 'none'),
      fc.constantFrom(...Object.keys(compare)),
      fc.integer({ min: -1, max: 4 }),
    )
    .map(
      ([key, operator, value]): Asked => ({
        text: `metrics.${key} ${operator} ${value}`,
        holds: (run) => metricOf(run, key) !== undefined && compare[operator]!(metricOf(run, key)!, value),
      }),
    ),
  fc.tuple(fc.constantFrom('depth', 'rare'), fc.constantFrom('1', '2', 'A%')).map(
    ([key, value]): Asked => ({
      text: `params.${key} != '${value}'`,
      holds: (run) => paramOf(run, key) !== undefined && paramOf(run, key) !== value,
    }),
  ),
  fc.constantFrom<Asked>(
    { text: "params.rare = '1'", holds: (run) => paramOf(run, 'rare') === '1' },
    { text: 'params.rare IS NULL', holds: (run) => paramOf(run, 'rare') === undefined },
    { text: 'tags.rare IS NOT NULL', holds: (run) => tagOf(run, 'rare') !== undefined },
    { text: "tags.rare ILIKE 'a*_'", holds: (run) => /^a\*.$/i.test(tagOf(run, 'rare') ?? '') },
    { text: "tags.rare LIKE 'a*_'", holds: (run) => /^a\*.$/.test(tagOf(run, 'rare') ?? '') },
    { text: 'start_time >= 1002', holds: (run) => run.startedMs >= 1002 },
    { text: 'end_time < 2002', holds: (run) => run.endedMs !== null && run.endedMs < 2002 },
    { text: "status = 'FINISHED'", holds: (run) => run.status === 'FINISHED' },
    { text: "run_name LIKE 'r1%'", holds: (run) => run.name.startsWith('r1') },
    { text: "artifact_uri LIKE '%:/1/%'", holds: (run) => run.artifactUri.includes(':/1/') },
    {
      text: "dataset.name = 'flights' AND dataset.context IN ('train')",
      holds: ({ datasets }) => datasets.some(({ tags }) => tags.some(({ value }) => value === 'train')),
    },
  ),
)

type Key = (run: TrackedRun) => number | string | undefined | null
const keys: Readonly<Record<string, Key>> = {
  'metrics.auc': (run) => metricOf(run, 'auc'),
  'metrics.loss': (run) => metricOf(run, 'loss'),
  'params.depth': (run) => paramOf(run, 'depth'),
  'tags.rare': (run) => tagOf(run, 'rare'),
  start_time: (run) => run.startedMs,
  end_time: (run) => run.endedMs,
  status: (run) => run.status,
}
const order = fc.uniqueArray(fc.tuple(fc.constantFrom(...Object.keys(keys)), fc.boolean()), {
  maxLength: 3,
  selector: ([key]) => key,
})

/** What has no value comes last, NaN before it, whichever way the values go. */
function oracle(runs: readonly TrackedRun[], asked: readonly Asked[], terms: readonly (readonly [string, boolean])[]) {
  const rank = (value: ReturnType<Key>) => (value === undefined || value === null ? 2 : Number.isNaN(value) ? 1 : 0)
  const by = (key: Key, ascending: boolean) => (a: TrackedRun, b: TrackedRun) => {
    const [left, right] = [key(a), key(b)]
    if (rank(left) !== rank(right)) return rank(left) - rank(right)
    if (rank(left) > 0 || left === right) return 0
    return left! < right! === ascending ? -1 : 1
  }
  const orders = [
    ...terms.map(([key, ascending]) => by(keys[key]!, ascending)),
    by((run) => run.startedMs, false),
    by((run) => run.id, true),
  ]
  const sorted = runs
    .filter((run) => asked.every(({ holds }) => holds(run)))
    .sort((a, b) => orders.map((compared) => compared(a, b)).find((sign) => sign !== 0) ?? 0)
  return sorted.map(({ name }) => name)
}

async function someRuns(experiments: Awaited<ReturnType<typeof temporaryExperiments>>) {
  const { metadata, trees } = experiments
  const other = await createExperiment(metadata, { name: 'other', by: ada })
  for (let index = 0; index < 60; index++) {
    const experiment = index % 4 === 3 ? other.id : trees.id
    const { id } = await experiments.run({ experiment, name: `r${index}`, startedMs: 1000 + (index % 5) })
    const aucs = [0, 1, 2, 3, Number.NaN, Number.POSITIVE_INFINITY]
    const point = { step: 0, timestampMs: 0 }
    const metrics = [
      ...(index % 7 === 0 ? [] : [{ ...point, key: 'auc', value: aucs[index % 6]! }]),
      ...(index % 3 === 0 ? [] : [{ ...point, key: 'loss', value: index % 4 }]),
    ]
    const params = [{ key: 'depth', value: String(index % 3) }]
    const tags = index % 11 === 0 ? [{ key: 'rare', value: index % 2 === 0 ? 'a*b' : 'A*b' }] : []
    if (index % 13 === 0) params.push({ key: 'rare', value: '1' })
    await logBatch(metadata, id, { metrics, params, tags })
    if (index % 2 === 0) await updateRun(metadata, id, { status: 'FINISHED', endedMs: 2000 + (index % 6) })
    const dataset = { name: 'flights', digest: `d${index}`, sourceType: 'local', source: '{}' }
    const context = index % 10 === 0 ? 'train' : 'test'
    if (index % 5 === 0)
      await logInputs(metadata, id, {
        datasets: [{ ...dataset, tags: [{ key: 'mlflow.data.context', value: context }] }],
      })
  }
  return [trees.id, other.id] as const
}

test('a search finds what holds in the order asked for, by whichever way it comes by runs', async () => {
  await using experiments = await temporaryExperiments()
  const { metadata } = experiments
  const both = await someRuns(experiments)
  const all = (await searchRuns(metadata, { experiments: both })).items
  expect(all).toHaveLength(60)
  const chosen = fc.constantFrom<readonly string[] | undefined>(both, [both[0]], undefined)
  await fc.assert(
    fc.asyncProperty(
      fc.array(condition, { maxLength: 3 }),
      order,
      chosen,
      fc.constantFrom(0, 8, 1000),
      fc.constantFrom(1, 7, 100),
      async (asked, terms, ids, few, maxResults) => {
        const search = {
          experiments: ids,
          filter: asked.map(({ text }) => text).join(' AND '),
          orderBy: terms.map(([key, ascending]) => `${key} ${ascending ? 'ASC' : 'DESC'}`),
          maxResults,
        }
        const found = await allPages((pageToken) => searchRuns(metadata, { ...search, pageToken }, few))
        const among = all.filter(({ experiment }) => ids?.includes(experiment) ?? true)
        expect(found.map(({ name }) => name)).toEqual(oracle(among, asked, terms))
      },
    ),
    { seed: 5, numRuns: 120 },
  )
})

test.each([[[]], [['metrics.auc DESC']], [['params.depth', 'metrics.auc']], [['end_time DESC']]])(
  'pages ordered by %j neither lose nor repeat a run while others are added and deleted',
  async (orderBy) => {
    await using experiments = await temporaryExperiments()
    const { metadata, trees } = experiments
    const ids: string[] = []
    const add = async (index: number) => {
      const { id } = await experiments.run({ startedMs: 1000 + (index % 3) })
      const metrics = index % 4 === 0 ? [] : [{ key: 'auc', value: index % 5, step: 0, timestampMs: 0 }]
      await logBatch(metadata, id, { metrics, params: [{ key: 'depth', value: String(index % 2) }] })
      return id
    }
    for (let index = 0; index < 30; index++) ids.push(await add(index))
    let added = 0
    const found = await allPages(
      (pageToken) => searchRuns(metadata, { experiments: [trees.id], orderBy, maxResults: 4, pageToken }),
      async () => {
        const { items } = await searchRuns(metadata, { experiments: [trees.id], maxResults: 1 })
        if (!ids.includes(items[0]!.id)) await deleteRun(metadata, items[0]!.id, ada)
        if (added < 12) await add(added++)
      },
    )
    const seen = found.map(({ id }) => id).filter((id) => ids.includes(id))
    expect([...seen].sort()).toEqual([...ids].sort())
    expect(new Set(found.map(({ id }) => id)).size).toBe(found.length)
  },
)

test('a token belongs to its search, and a search to its experiments and view', async () => {
  await using experiments = await temporaryExperiments()
  const { metadata, trees } = experiments
  const [first, second] = [await experiments.run({ startedMs: 2 }), await experiments.run({ startedMs: 1 })]
  const search = { experiments: [trees.id], maxResults: 1 }
  const { next } = await searchRuns(metadata, search)
  expect((await searchRuns(metadata, { ...search, pageToken: next! })).items[0]!.id).toBe(second.id)
  const refusal = { code: 'invalid_parameter' }
  const other = { ...search, pageToken: next!, orderBy: ['run_name'] }
  await expect(searchRuns(metadata, other)).rejects.toMatchObject(refusal)
  for (const pageToken of ['x', 'W10', Buffer.from('[0,{}]').toString('base64url')])
    await expect(searchRuns(metadata, { ...search, pageToken })).rejects.toMatchObject(refusal)
  const question = { experiments: [1], conditions: [], terms: [], view: 'active' }
  expect(
    (await searchRuns(metadata, { ...search, pageToken: encodeToken(question, [0, 2, first.id]) })).items,
  ).toMatchObject([{ id: second.id }])
  for (const place of [[], [1, 2, ''], [-1, 2, ''], ['0', 2, ''], [0, 2], [0, null, ''], [0, 'x', ''], [0.5, 2, '']])
    await expect(searchRuns(metadata, { ...search, pageToken: encodeToken(question, place) })).rejects.toMatchObject(
      refusal,
    )
  for (const maxResults of [0, -1, 1.5, 50_001])
    await expect(searchRuns(metadata, { ...search, maxResults })).rejects.toMatchObject(refusal)
  await expect(searchRuns(metadata, { experiments: ['x'] })).rejects.toMatchObject(refusal)
  expect(await searchRuns(metadata, { experiments: [] })).toEqual({ items: [], next: null })
  expect((await searchRuns(metadata, { experiments: ['0', '77'] })).items).toEqual([])
  await deleteRun(metadata, first.id, ada)
  const ids = async (view: 'active' | 'deleted' | 'all') =>
    (await searchRuns(metadata, { experiments: [trees.id], view })).items.map(({ id }) => id)
  expect(await ids('active')).toEqual([second.id])
  expect(await ids('deleted')).toEqual([first.id])
  expect(await ids('all')).toEqual([first.id, second.id])
})

test('a search asks the database as often for many runs with many inputs as for one', async () => {
  await using experiments = await temporaryExperiments()
  const { metadata, trees } = experiments
  let asked = 0
  const counting = metadata.database.withPlugin({
    transformQuery({ node }) {
      asked += 1
      return node
    },
    transformResult: async ({ result }) => result,
  })
  const count = async () => {
    asked = 0
    const { items } = await searchRuns({ ...metadata, database: counting }, { experiments: [trees.id] })
    return { asked, inputs: items.reduce((sum, { datasets }) => sum + datasets.length, 0) }
  }
  const add = async (inputs: number) => {
    const { id } = await experiments.run()
    const dataset = (index: number) => ({
      name: 'd',
      digest: String(index),
      sourceType: 'local',
      source: '{}',
      tags: [],
    })
    await logInputs(metadata, id, { datasets: Array.from({ length: inputs }, (_, index) => dataset(index)) })
  }
  await add(1)
  const one = await count()
  for (let index = 0; index < 4; index++) await add(30)
  expect(one.inputs).toBe(1)
  expect(await count()).toEqual({ asked: one.asked, inputs: 121 })
})

test('a search for a table reads what has a column, and nothing of what is large', async () => {
  await using experiments = await temporaryExperiments()
  const { metadata, trees } = experiments
  const { id } = await experiments.run()
  const dataset = { name: 'd', digest: '1', sourceType: 'local', source: '{}', profile: 'x'.repeat(100_000), tags: [] }
  await logInputs(metadata, id, { datasets: [dataset] })
  const metrics = Array.from({ length: 1000 }, (_, index) => ({ key: `m${index}`, value: 1, step: 0, timestampMs: 0 }))
  await logBatch(metadata, id, { metrics })
  const keys = { metrics: ['m7', 'none'], params: [], tags: [] }
  const { items } = await searchRuns(metadata, { experiments: [trees.id], keys })
  expect(items).toMatchObject([{ id, metrics: [{ key: 'm7' }], params: [], tags: [], datasets: [] }])
  expect((await searchRuns(metadata, { experiments: [trees.id] })).items[0]!.metrics).toHaveLength(1000)
})

test('an order has so many keys as the database can join, and more are refused', async () => {
  await using experiments = await temporaryExperiments()
  const ordered = (count: number) =>
    searchRuns(experiments.metadata, { orderBy: Array.from({ length: count }, (_, key) => `metrics.m${key}`) })
  expect(await ordered(50)).toEqual({ items: [], next: null })
  await expect(ordered(51)).rejects.toMatchObject({ code: 'invalid_filter', path: 'order_by' })
})

test('a pattern of many wildcards is answered as soon as one without', async () => {
  await using experiments = await temporaryExperiments()
  const { metadata, trees } = experiments
  const { id } = await experiments.run()
  await logBatch(metadata, id, { params: [{ key: 'long', value: 'a'.repeat(6000) }] })
  const names = async (comparator: string, pattern: string) =>
    (await searchRuns(metadata, { experiments: [trees.id], filter: `params.long ${comparator} '${pattern}'` })).items
  // Of matchers that try again at every wildcard each of these would go on for ever.
  for (const comparator of ['LIKE', 'ILIKE'])
    for (const part of ['a%', '_a%', '%_', 'aa%_%']) {
      expect(await names(comparator, `%${part.repeat(150)}b`)).toEqual([])
      expect(await names(comparator, `%${part.repeat(150)}`)).toHaveLength(1)
    }
})

import fc from 'fast-check'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { ada, allPages, temporaryExperiments } from './experiments.fixture.ts'
import { deleteRunTag, logBatch } from './log-batch.ts'
import { createLoggedModel } from './logged-models.ts'
import { metricHistory } from './metric-history.ts'
import { encodeToken } from './page-token.ts'
import { type MetricPoint, readTrackedRun } from './tracked-run.ts'
import { deleteRun, restoreRun, updateRun } from './tracked-runs.ts'

const metric = { key: 'm', value: 1, step: 0, timestampMs: 0 }
const point = fc.record({
  key: fc.constantFrom('loss', 'auc'),
  value: fc.oneof(fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0), fc.double()),
  timestampMs: fc.integer({ min: 0, max: 3 }),
  step: fc.integer({ min: -2, max: 2 }),
})

/** By step, then timestamp, then value; NaN is less than any number. */
function inOrder(a: MetricPoint, b: MetricPoint): number {
  if (a.step !== b.step) return a.step - b.step
  if (a.timestampMs !== b.timestampMs) return a.timestampMs - b.timestampMs
  if (Number.isNaN(a.value) || Number.isNaN(b.value))
    return Number(Number.isNaN(b.value)) - Number(Number.isNaN(a.value))
  return a.value === b.value ? 0 : a.value < b.value ? -1 : 1
}

function distinct(points: readonly MetricPoint[]): readonly MetricPoint[] {
  return [...new Map(points.map((one) => [`${one.key} ${one.step} ${one.timestampMs} ${one.value}`, one])).values()]
}

test('the history holds every point once, and the latest is the last of them, in whatever batches they come', async () => {
  await using experiments = await temporaryExperiments()
  const { metadata } = experiments
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(point, { maxLength: 12 }), { maxLength: 4 }), async (batches) => {
      const run = await experiments.run()
      await Promise.all(batches.map((metrics) => logBatch(metadata, run.id, { metrics })))
      const expected = distinct(batches.flat()).map((one) => ({ ...one, value: one.value === 0 ? 0 : one.value }))
      const { metrics } = await readTrackedRun(metadata, run.id)
      for (const key of ['loss', 'auc']) {
        const own = expected.filter((one) => one.key === key).sort(inOrder)
        const history = await allPages(async (pageToken) => {
          const page = await metricHistory(metadata, run.id, key, { maxResults: 3, pageToken })
          return { items: page.points, next: page.next }
        })
        expect([...history].sort(inOrder)).toEqual(own)
        expect(history).toEqual(history.toSorted((a, b) => a.timestampMs - b.timestampMs || a.step - b.step))
        expect(metrics.filter((one) => one.key === key)).toEqual(own.slice(-1))
      }
    }),
    { seed: 5, numRuns: 25 },
  )
})

test('batches that come at once are all there, each whole', async () => {
  await using experiments = await temporaryExperiments()
  const { metadata } = experiments
  const run = await experiments.run()
  const batches = Array.from({ length: 20 }, (_, index) => ({
    metrics: Array.from({ length: 50 }, (_, step) => ({ key: 'loss', value: index, step, timestampMs: index })),
    params: [{ key: `p${index}`, value: String(index) }],
    tags: [{ key: 'last', value: String(index) }],
  }))
  await Promise.all(batches.map((batch) => logBatch(metadata, run.id, batch)))
  const read = await readTrackedRun(metadata, run.id)
  expect(read.params).toHaveLength(20)
  expect(read.metrics).toEqual([{ key: 'loss', value: 19, step: 49, timestampMs: 19 }])
  expect((await metricHistory(metadata, run.id, 'loss')).points).toHaveLength(1000)
  for (const place of [[], [1, 2, 3], [1, 2, 'x', 0]]) {
    const pageToken = encodeToken(['history', run.id, 'loss'], place)
    const asked = metricHistory(metadata, run.id, 'loss', { pageToken })
    await expect(asked).rejects.toMatchObject({ code: 'invalid_parameter' })
  }
})

test('a run that there is not has no history', async () => {
  await using experiments = await temporaryExperiments()
  expect(await metricHistory(experiments.metadata, 'none', 'loss')).toEqual({ points: [], next: null })
})

test('a parameter stands for good, and a batch that would change it leaves nothing behind', async () => {
  await using experiments = await temporaryExperiments()
  const { metadata } = experiments
  const run = await experiments.run()
  const depth = { key: 'depth', value: '6' }
  await logBatch(metadata, run.id, { params: [depth] })
  await logBatch(metadata, run.id, { params: [depth, { key: 'eta', value: '' }] })
  await logBatch(metadata, run.id, { metrics: [metric] })
  const metrics = [{ ...metric, key: 'other' }]
  const changed = { params: [{ key: 'depth', value: '7' }], metrics, tags: [{ key: 'a', value: 'b' }] }
  await expect(logBatch(metadata, run.id, changed)).rejects.toMatchObject({ code: 'parameter_changed' })
  expect(await readTrackedRun(metadata, run.id)).toMatchObject({
    params: [depth, { key: 'eta', value: '' }],
    metrics: [metric],
    tags: [{ key: 'mlflow.runName' }],
  })
  for (const statement of ["UPDATE run_params SET value = '7'", 'DELETE FROM run_params', 'DELETE FROM run_metrics'])
    await expect(sql.raw(statement).execute(metadata.database)).rejects.toThrow('append-only')
})

test('long values of parameters and tags are cut, as other servers of the protocol do', async () => {
  await using experiments = await temporaryExperiments()
  const { metadata } = experiments
  const run = await experiments.run()
  const params = [{ key: 'long', value: '\u{1f332}'.repeat(6001) }]
  await logBatch(metadata, run.id, { params, tags: [{ key: 'long', value: 'y'.repeat(8001) }] })
  await logBatch(metadata, run.id, { params })
  const read = await readTrackedRun(metadata, run.id)
  expect([...read.params[0]!.value]).toHaveLength(6000)
  expect(read.tags[0]!.value).toHaveLength(8000)
})

const many = <T>(count: number, one: (index: number) => T) => Array.from({ length: count }, (_, index) => one(index))

test.each([
  ['too many metrics', { metrics: many(1001, () => metric) }],
  ['too many parameters', { params: many(101, (index) => ({ key: `p${index}`, value: '' })) }],
  ['too many tags', { tags: many(101, (index) => ({ key: `p${index}`, value: '' })) }],
  ['too much in all', { metrics: many(1000, () => metric), tags: [{ key: 'a', value: '' }] }],
  ['a parameter twice', { params: many(2, () => ({ key: 'a', value: '' })) }],
  ['an empty key', { metrics: [{ ...metric, key: '' }] }],
  ['a key that is too long', { params: [{ key: 'k'.repeat(251), value: '' }] }],
  ['a key that is a path elsewhere', { tags: [{ key: 'a/../b', value: '' }] }],
  ['a broken step', { metrics: [{ ...metric, step: 0.5 }] }],
  ['a time before all times', { metrics: [{ ...metric, timestampMs: -1 }] }],
  ['a time that no double holds', { metrics: [{ ...metric, timestampMs: 2 ** 60 }] }],
])('a batch with %s is refused', async (_, batch) => {
  await using experiments = await temporaryExperiments()
  const run = await experiments.run()
  await expect(logBatch(experiments.metadata, run.id, batch)).rejects.toMatchObject({ code: 'invalid_parameter' })
})

test('a run has a name, a status and an end, and takes nothing more while it is deleted', async () => {
  await using experiments = await temporaryExperiments()
  const { metadata } = experiments
  const run = await experiments.run({ startedMs: 5, user: 'ada' })
  expect(run).toMatchObject({ status: 'RUNNING', startedMs: 5, endedMs: null, user: 'ada', lifecycle: 'active' })
  expect(run.artifactUri).toBe(`mlflow-artifacts:/1/${run.id}/artifacts`)
  expect(run.id).toMatch(/^[0-9a-f]{32}$/)
  await logBatch(metadata, run.id, { tags: [{ key: 'mlflow.runName', value: 'oak' }] })
  const ended = await updateRun(metadata, run.id, { status: 'FINISHED', endedMs: 9 })
  expect(ended).toMatchObject({ name: 'oak', status: 'FINISHED', endedMs: 9 })
  expect((await updateRun(metadata, run.id, { name: 'elm' })).tags).toEqual([{ key: 'mlflow.runName', value: 'elm' }])
  await expect(deleteRunTag(metadata, run.id, 'none')).rejects.toMatchObject({ code: 'unknown_tag' })
  await deleteRun(metadata, run.id, ada)
  await expect(logBatch(metadata, run.id, {})).rejects.toMatchObject({ code: 'not_active' })
  await expect(updateRun(metadata, run.id, { endedMs: 1 })).rejects.toMatchObject({ code: 'not_active' })
  await restoreRun(metadata, run.id, ada)
  expect(await readTrackedRun(metadata, run.id)).toMatchObject({ name: 'elm', lifecycle: 'active' })
  const both = { name: 'a', tags: [{ key: 'mlflow.runName', value: 'b' }] }
  await expect(experiments.run(both)).rejects.toMatchObject({ code: 'invalid_parameter' })
})

test('a metric of a model is one of its run too, and names a model that is there', async () => {
  await using experiments = await temporaryExperiments()
  const { metadata, trees } = experiments
  const run = await experiments.run()
  const model = await createLoggedModel(metadata, { experiment: trees.id })
  const metrics = [{ ...metric, value: Number.NaN, model: model.id }]
  await logBatch(metadata, run.id, { metrics })
  expect((await readTrackedRun(metadata, run.id)).metrics).toEqual([{ ...metric, value: Number.NaN }])
  const unknown = [{ ...metric, key: 'other', model: 'm-0' }]
  await expect(logBatch(metadata, run.id, { metrics: unknown })).rejects.toMatchObject({ code: 'unknown_logged_model' })
  expect((await readTrackedRun(metadata, run.id)).metrics).toHaveLength(1)
})

import { expect, test } from 'vitest'
import { temporaryExperiments } from './experiments.fixture.ts'
import { logBatch } from './log-batch.ts'
import { sampledHistory } from './sampled-history.ts'
import { findRunRow } from './tracked-run.ts'

test('a chart gets every point of a short history, and the bounds of a longer one', async () => {
  await using experiments = await temporaryExperiments()
  const { metadata } = experiments
  const { id } = await experiments.run()
  const values = [5, 1, Number.NaN, 9, 2, Number.NaN, Number.NaN]
  const metrics = values.map((value, step) => ({ key: 'loss', value, step, timestampMs: step }))
  await logBatch(metadata, id, { metrics })
  const { number } = await findRunRow(metadata.database, id)
  const all = await sampledHistory(metadata, number, 'loss', 100)
  expect(all.whole).toBe(true)
  expect(all.points.map(({ value }) => value)).toEqual(values)
  expect((await sampledHistory(metadata, number, 'loss', 3)).points).toEqual([
    { key: 'loss', value: Number.NaN, step: 2, timestampMs: 2, least: 1, most: 5 },
    { key: 'loss', value: Number.NaN, step: 5, timestampMs: 5, least: 2, most: 9 },
    { key: 'loss', value: Number.NaN, step: 6, timestampMs: 6, least: Number.NaN, most: Number.NaN },
  ])
  expect(await sampledHistory(metadata, number, 'none', 3)).toEqual({ points: [], whole: true })
})

test('a chart of a very long history is looked up at places evenly far apart, with its ends', async () => {
  await using experiments = await temporaryExperiments()
  const { metadata } = experiments
  const { id } = await experiments.run()
  const { number } = await findRunRow(metadata.database, id)
  for (let from = 0; from < 6000; from += 1000) {
    const metrics = Array.from({ length: 1000 }, (_, index) => {
      const step = (from + index) * 3
      return { key: 'loss', value: -step, step, timestampMs: 0 }
    })
    await logBatch(metadata, id, { metrics })
  }
  const { points, whole } = await sampledHistory(metadata, number, 'loss', 5)
  expect(whole).toBe(false)
  expect(points.map(({ step }) => step)).toEqual([0, 4500, 9000, 13500, 17997])
  expect(points[1]).toEqual({ key: 'loss', value: -4500, step: 4500, timestampMs: 0, least: -4500, most: -4500 })
})

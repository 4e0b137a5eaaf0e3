import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { temporaryExperiments } from '../../../models/experiments/experiments.fixture.ts'
import { logBatch } from '../../../models/experiments/log-batch.ts'
import { createReading, type Reading } from './reading.ts'

async function temporaryReading(waiting?: number) {
  const experiments = await temporaryExperiments()
  const { metadata, path } = experiments
  const reading = createReading({ metadata, path, ...(waiting === undefined ? {} : { waiting }) })
  return {
    ...{ experiments, reading },
    async [Symbol.asyncDispose]() {
      await reading.close()
      await experiments[Symbol.asyncDispose]()
    },
  }
}

const search = { method: 'POST', path: '/runs/search', inQuery: false } as const

async function answersOf(reading: Reading, runs: readonly string[]): Promise<unknown[]> {
  const call = { ...search, fields: { experiment_ids: ['1'], order_by: ['metrics.auc DESC'], max_results: 2 } }
  const fields = { run_id: runs[0], metric_key: 'auc' }
  const history = { method: 'GET', path: '/metrics/get-history', inQuery: true, fields } as const
  return [
    JSON.parse(new TextDecoder().decode(await reading.ask('call', history))),
    await reading.ask('runs', {
      experiment: 'trees',
      order_by: 'metrics.auc DESC',
      columns: 'metrics.auc, params.depth',
    }),
    await reading.ask('experiment', 'trees'),
    await reading.ask('histories', runs, 'auc', 10),
    JSON.parse(new TextDecoder().decode(await reading.ask('call', call))),
  ]
}

test('another thread gives the same answers and the same errors as the one that asks', async () => {
  await using asked = await temporaryReading()
  const { experiments, reading } = asked
  const runs: string[] = []
  for (const [index, name] of ['a', 'b', 'c'].entries()) {
    const { id } = await experiments.run({ name })
    runs.push(id)
    const metrics = [{ key: 'auc', value: index === 1 ? Number.NaN : index / 10, step: 0, timestampMs: index }]
    await logBatch(experiments.metadata, id, { metrics, params: [{ key: 'depth', value: String(index) }] })
  }
  const mistake = () => reading.ask('experiment', 'tree').catch((thrown: unknown) => thrown)
  const [inside, wrong] = [await answersOf(reading, runs), await mistake()]
  reading.moveOut()
  expect(await answersOf(reading, runs)).toEqual(inside)
  expect(JSON.stringify(await mistake())).toBe(JSON.stringify(wrong))
  expect(await mistake()).toMatchObject({ code: 'unknown_experiment', status: 404 })
  const unreadable = { ...search, fields: { experiment_ids: ['1'], filter: 'metrics.' } }
  await expect(reading.ask('call', unreadable)).rejects.toMatchObject({ code: 'invalid_filter' })
})

test('what was written before it was asked is found', async () => {
  await using asked = await temporaryReading()
  const { experiments, reading } = asked
  reading.moveOut()
  for (let index = 0; index < 20; index += 1) {
    await experiments.run({ name: `run-of-${index}` })
    const { runs } = await reading.ask('runs', { experiment: 'trees', limit: 1000 })
    expect(runs).toHaveLength(index + 1)
  }
})

test('the thread that asks goes on while a search is under way', async () => {
  await using asked = await temporaryReading()
  const { reading } = asked
  reading.moveOut()
  let turns = 0
  let isAnswered = false
  const answer = reading.ask('experiments', {}).finally(() => {
    isAnswered = true
  })
  while (!isAnswered) {
    await setTimeout(1)
    turns += 1
  }
  expect((await answer).experiments).toHaveLength(2)
  expect(turns).toBeGreaterThan(1)
})

test('more than may wait are sent away, and the end breaks off the others', async () => {
  await using asked = await temporaryReading(3)
  const { reading } = asked
  reading.moveOut()
  const waiting = [1, 2, 3].map(() => reading.ask('experiment', 'trees').catch((thrown: unknown) => thrown))
  await expect(reading.ask('experiment', 'trees')).rejects.toMatchObject({
    code: 'overloaded',
    status: 503,
    retryAfter: 1,
  })
  await reading.close()
  for (const one of waiting) expect(await one).toMatchObject({ code: 'platform_stopped' })
  await expect(reading.ask('experiment', 'trees')).rejects.toMatchObject({ code: 'platform_stopped' })
})

test('a thread that cannot read says so, and the next question is asked of a new one', async () => {
  await using experiments = await temporaryExperiments()
  const reading = createReading({ metadata: experiments.metadata, path: '/nowhere/meta.db' })
  reading.moveOut()
  for (let time = 0; time < 2; time += 1)
    await expect(reading.ask('experiment', 'trees')).rejects.toMatchObject({ code: 'internal' })
  await reading.close()
})

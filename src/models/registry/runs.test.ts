import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { listAudit } from '../../governance/audit-log.ts'
import { ada, model, temporaryRegistry } from './registry.fixture.ts'
import { failInterruptedRuns, finishRun, listRuns, readRun, startRun } from './runs.ts'

const start = { model, parameters: { trees: 200, depth: 6 }, seed: 7, author: ada }
const success = {
  status: 'succeeded',
  metrics: { auc: 0.78, log_loss: null },
  data: { root: 'sha256:1', rows: 508_239 },
  environment: { node: 'v24.21.0' },
} as const

test('a run records what it was given and what came out', async () => {
  await using registry = await temporaryRegistry()
  const started = await startRun(registry.metadata, start)
  expect(started).toMatchObject({ id: 'run-1', status: 'running', startedAt: 1000, finishedAt: null, metrics: null })
  registry.clock.advanceTo(5000)
  const finished = await finishRun(registry.metadata, started.id, success)
  const { status, ...outcome } = success
  expect(finished).toEqual({ ...started, status, finishedAt: 5000, ...outcome })
  expect(await readRun(registry.metadata, 'run-1')).toEqual(finished)
  const { items } = await listAudit(registry.metadata.database, { target: 'run-1' })
  expect(items.map((entry) => entry.action)).toEqual(['run.finish', 'run.start'])
})

test('a run ends once, and then nothing about it can change', async () => {
  await using registry = await temporaryRegistry()
  const { id } = await startRun(registry.metadata, start)
  const error = { code: 'training_failed', message: 'no rows' }
  expect(await finishRun(registry.metadata, id, { status: 'failed', error })).toMatchObject({ status: 'failed', error })
  await expect(finishRun(registry.metadata, id, success)).rejects.toMatchObject({ code: 'run_finished' })
  for (const statement of [
    "UPDATE runs SET metrics = '{}'",
    "UPDATE runs SET status = 'running'",
    'DELETE FROM runs',
    "INSERT OR REPLACE INTO runs SELECT number, model, kind, 'running', started_at, NULL, parameters, seed, NULL, NULL, NULL, NULL, author_name, author_asserted FROM runs",
  ])
    await expect(sql.raw(statement).execute(registry.metadata.database)).rejects.toThrow('runs:')
  expect(await readRun(registry.metadata, id)).toMatchObject({ status: 'failed', error })
})

test('what a run was started with cannot change while it runs', async () => {
  await using registry = await temporaryRegistry()
  await startRun(registry.metadata, start)
  for (const column of ['model', 'parameters', 'seed', 'started_at', 'author_name'])
    await expect(
      sql`UPDATE runs SET ${sql.id(column)} = ${sql.id(column)}`.execute(registry.metadata.database),
    ).rejects.toThrow('started with')
})

test('a clock that goes back ends no run before it began', async () => {
  await using registry = await temporaryRegistry()
  registry.clock.advanceTo(5000)
  const { id } = await startRun(registry.metadata, { model, parameters: {}, seed: 1, author: ada })
  const back = { ...registry.metadata, clock: { ...registry.clock, now: () => 10 } }
  expect(await finishRun(back, id, success)).toMatchObject({ startedAt: 5000, finishedAt: 5000 })
})

test('runs that no process lived to finish are failed at the next start', async () => {
  await using registry = await temporaryRegistry()
  await startRun(registry.metadata, start)
  const done = await startRun(registry.metadata, start)
  await finishRun(registry.metadata, done.id, success)
  await startRun(registry.metadata, start)
  expect(await failInterruptedRuns(registry.metadata)).toEqual(['run-1', 'run-3'])
  expect(await failInterruptedRuns(registry.metadata)).toEqual([])
  expect(await readRun(registry.metadata, 'run-1')).toMatchObject({
    status: 'failed',
    error: { code: 'training_failed' },
  })
  expect(await readRun(registry.metadata, done.id)).toMatchObject({ status: 'succeeded' })
})

test('runs are listed newest first, page by page, by model and status', async () => {
  await using registry = await temporaryRegistry()
  for (let index = 0; index < 5; index++)
    await startRun(registry.metadata, { ...start, model: index % 2 === 0 ? model : 'other' })
  await finishRun(registry.metadata, 'run-3', success)
  const first = await listRuns(registry.metadata, { limit: 3 })
  expect(first.items.map((run) => run.id)).toEqual(['run-5', 'run-4', 'run-3'])
  const second = await listRuns(registry.metadata, { limit: 3, cursor: first.next ?? '' })
  expect(second).toMatchObject({ items: [{ id: 'run-2' }, { id: 'run-1' }], next: null })
  const running = await listRuns(registry.metadata, { model, status: 'running' })
  expect(running.items.map((run) => run.id)).toEqual(['run-5', 'run-1'])
})

test.each(['run-2', 'run-0', 'run-01', '1', 'run-1 OR 1=1', ''])('there is no run %j', async (id) => {
  await using registry = await temporaryRegistry()
  await startRun(registry.metadata, start)
  await expect(readRun(registry.metadata, id)).rejects.toMatchObject({ code: 'unknown_run' })
  await expect(finishRun(registry.metadata, id, success)).rejects.toMatchObject({ code: 'unknown_run' })
})

import { expect, test } from 'vitest'
import { digestOf } from '../../../core/digest.ts'
import { applyDefinitions } from '../../../governance/applied-definitions.ts'
import type { SourceDefinition } from '../../../language/define/source-definition.ts'
import { logVersion } from '../logged-versions.ts'
import { ada, definition, grace, model, temporaryRegistry } from '../registry.fixture.ts'
import { finishRun, startRun } from '../runs.ts'
import { lineageId } from './lineage-node.ts'
import { findNode } from './lineage-store.ts'
import { updateLineage } from './update-lineage.ts'
import { walkLineage } from './walk-lineage.ts'

const file = digestOf('a file of orders')
const source = { into: 'orders', from: { kind: 'csv', paths: ['orders.csv'] } } as unknown as SourceDefinition

test('a file leads back to the run of a source that went on while it was trained on, though it is defined no more, and to no other', async () => {
  await using registry = await temporaryRegistry()
  const { database } = registry.metadata
  const by = ada
  const project = { ...definition, sources: { shop: source, other: source } }
  await applyDefinitions(registry.metadata, { definition: project, by })
  // By the time that it is looked at, neither is defined any more.
  registry.clock.advanceTo(2000)
  await applyDefinitions(registry.metadata, { definition, by })
  const counts = { turns: 1, received: 5, accepted: 5, duplicates: 0, rejected: 0, deleted: 0 }
  const begun = { ...counts, kind: 'asked', started_at: 1500, from_time: null, to_time: null, error: null } as const
  const running = { ...begun, status: 'running', finished_at: null, watermark: null } as const
  await database
    .insertInto('source_runs')
    .values([
      { ...running, source: 'shop', first_offset: 10, last_offset: 19 },
      { ...running, source: 'other', first_offset: 20, last_offset: 29 },
    ])
    .execute()
  const training = { model: 'm', kind: 'train', status: 'succeeded', started_at: 2, finished_at: 3 } as const
  const data = { content: digestOf('rows'), rows: 5, cut: 2, from: 0, to: 2, features: {} }
  await database
    .insertInto('runs')
    .values({
      ...{ ...training, parameters: '{}', seed: 1, author_name: 'ada', author_asserted: 1 },
      data: JSON.stringify({ ...data, files: { orders: [{ digest: file, rows: 5 }] } }),
    })
    .execute()
  const options = {
    fileOf: () => ({ path: 'orders.parquet', firstOffset: 15, lastOffset: 19, rows: 5 }),
  }
  const origins = async () => {
    await updateLineage(registry.metadata, options)
    const walk = await walkLineage(database, [(await findNode(database, 'file', file))!], 'up', 100)
    return [...walk.nodes.values()].map(lineageId).filter((id) => id.startsWith('source_run:'))
  }
  expect(await origins()).toEqual([])
  await database.updateTable('source_runs').set({ status: 'succeeded', finished_at: 1600 }).execute()
  expect(await origins()).toEqual(['source_run:shop/1'])
})

test('a version that was logged comes from its run and its model elsewhere; the run that judged it here is no training', async () => {
  await using registry = await temporaryRegistry()
  const { metadata } = registry
  await registry.define()
  const elsewhere = { run: 'e5d7', loggedModel: 'm-1' }
  await logVersion(metadata, { model, source: 'runs:/e5d7/model', ...elsewhere, by: ada })
  const imported = { file: digestOf('a model'), from: '0/e5d7/artifacts/model/model.lgb' }
  const run = await startRun(metadata, { model, parameters: { imported }, seed: 1, author: grace })
  await registry.register('imported', { runId: run.id, author: grace, logged: 1 })
  await finishRun(metadata, run.id, { status: 'succeeded', metrics: {}, data: null, environment: {} })
  await updateLineage(metadata, { fileOf: () => undefined })
  const version = (await findNode(metadata.database, 'version', `${model}/1`))!
  const { nodes, edges } = await walkLineage(metadata.database, [version], 'up', 100)
  const idOf = (number: number) => lineageId(nodes.get(number)!)
  const shown = edges.map(([from, to]) => `${idOf(from)} > ${idOf(to)}`)
  expect(shown).toContain(`run:${run.id} > version:${model}/1`)
  expect(shown).toContain(`logged_model:m-1 > version:${model}/1`)
  expect(shown).toContain('logged_run:e5d7 > logged_model:m-1')
  const facts = [...nodes.values()].find(({ kind }) => kind === 'run')?.facts
  expect(facts).toMatchObject({ author: 'grace', imported })
})

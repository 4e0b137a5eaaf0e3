import { expect, test } from 'vitest'
import type { WeightsDefinition } from '../../../language/define/weights-definition.ts'
import { searchRuns } from '../../../models/experiments/search/search-runs.ts'
import { ada, model, projectWith, temporaryRegistry } from '../../../models/registry/registry.fixture.ts'
import { beginRun } from './begin-run.ts'

test('runs of a weighted model say what their rows count by, and are found by it', async () => {
  await using registry = await temporaryRegistry()
  const { metadata, clock } = registry
  const begin = (weights?: WeightsDefinition) => {
    const project = projectWith()
    const weighted = { ...project.models[model]!, ...(weights === undefined ? {} : { weights }) }
    const request = { model, author: ada, variant: 'full', cache: true, definition: 'sha256:0' } as const
    return metadata.database
      .transaction()
      .execute((transaction) =>
        beginRun(
          transaction,
          { ...project, models: { [model]: weighted } },
          { request, imported: undefined, at: clock.now() },
        ),
      )
  }
  await begin()
  await begin({ classes: 'balanced' })
  await begin({ classes: { positive: 5, negative: 1 }, rows: { kind: 'column', name: 'amount' } })
  const found = async (filter: string) => (await searchRuns(metadata, { filter })).items.map(({ training }) => training)
  expect(await found("params.`weights.classes` = 'balanced'")).toEqual(['run-2'])
  expect(await found('params.`weights.classes` = \'{"negative":1,"positive":5}\'')).toEqual(['run-3'])
  expect(await found("params.`weights.rows` = 'amount'")).toEqual(['run-3'])
  expect(await found('params.`weights.classes` IS NULL')).toEqual(['run-1'])
})

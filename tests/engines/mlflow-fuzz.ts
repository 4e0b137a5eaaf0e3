// Calls of the tracking protocol with whatever fields: none is answered as our fault.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { endpoints } from '../../src/platform/api/mlflow/endpoints.ts'
import { trackingServer } from '../../src/platform/api/mlflow/tracking-server.fixture.ts'

const names = [
  ...['experiment_id', 'name', 'tags', 'run_id', 'run_uuid', 'key', 'value', 'timestamp', 'step', 'metrics', 'params'],
  ...['datasets', 'models', 'model_json', 'status', 'end_time', 'start_time', 'run_name', 'user_id', 'experiment_ids'],
  ...['filter', 'order_by', 'max_results', 'page_token', 'view_type', 'run_view_type', 'new_name', 'description'],
  ...['alias', 'version', 'stage', 'stages', 'source', 'model_id', 'artifact_location', 'metric_key', 'path'],
  ...['experiment_name', 'archive_existing_versions', 'dataset_name', 'artifact_directory_path', 'allow_deleted'],
]
const strange = fc.oneof(
  fc.constantFrom<unknown>(
    ...['', null, -1, 0.5, 1e300, 2 ** 53, '9223372036854775807', '\u0000', '\ud800', 'a'.repeat(900), [], {}, [null]],
    ...[
      [[]],
      [{}],
      [{ key: 1 }],
      '../x',
      '%',
      "'",
      '"',
      '`',
      "name LIKE '%",
      '__proto__',
      'Infinity',
      '0x10',
      ' 1',
      false,
    ],
  ),
  fc.jsonValue({ maxDepth: 2 }),
)

/**
 * Makes so many calls.
 * @param seed of what is called
 */
export async function fuzzTracking(numRuns: number, seed: number): Promise<void> {
  await using tracking = await trackingServer()
  const { call } = tracking
  const run = (await call('POST', 'runs/create', { experiment_id: '0' })).body.run.info.run_id as string
  await call('POST', 'registered-models/create', { name: 'free' })
  await call('POST', 'model-versions/create', { name: 'free', source: `runs:/${run}/model`, run_id: run })
  const id = (await call('POST', 'logged-models', { experiment_id: '0', name: 'best' })).body.model.info
    .model_id as string
  const usual = fc.constantFrom<unknown>(
    ...[
      '0',
      run,
      'free',
      '1',
      id,
      'x',
      `runs:/${run}/model`,
      `models:/${id}`,
      'models:/free/1',
      'models:/free@x',
      '{}',
    ],
    ...[
      'LOGGED_MODEL_READY',
      'FINISHED',
      'Production',
      'ALL',
      'auc',
      "name = 'x'",
      'metrics.auc > 1',
      'metrics.auc DESC',
    ],
    ...[1, 5, true, ['0'], [{ key: 'a', value: 'b' }], [{ key: 'm', value: 1, timestamp: 1 }], [{ model_id: id }]],
    [{ dataset: { name: 'a', digest: 'b', source_type: 'c', source: 'd' } }],
  )
  const value = fc.oneof({ weight: 2, arbitrary: usual }, { weight: 1, arbitrary: strange })
  const fields = fc.dictionary(fc.constantFrom(...names), value, { minKeys: 1, maxKeys: 12 })
  const models = fc.constantFrom(id, 'm-x', '%00', '..%2f')
  const asked = fc.asyncProperty(
    fc.constantFrom(...endpoints),
    fields,
    models,
    async ({ method, path }, given, model) => {
      const place = path.slice(1).replace('{model_id}', model).replace('{tag_key}', 'a')
      const all = Object.entries({ run_id: run, name: 'free', ...given })
      const inQuery = all.map(([name, one]) => [
        name,
        typeof one === 'string' ? one.toWellFormed() : JSON.stringify(one),
      ])
      const { status, body } = await call(method, place, Object.fromEntries(method === 'GET' ? inQuery : all))
      assert.ok(status < 500, `${status} ${JSON.stringify(body)}`)
    },
  )
  await fc.assert(asked, { numRuns, seed })
  assert.deepEqual(tracking.defects, [])
}

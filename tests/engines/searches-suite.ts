import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { virtualClock } from '../../src/core/clock.ts'
import { asTruelineError } from '../../src/core/errors.ts'
import { seededRandom } from '../../src/core/random.ts'
import { assertedIdentity } from '../../src/governance/identity.ts'
import { createExperiment } from '../../src/models/experiments/experiments.ts'
import { logBatch } from '../../src/models/experiments/log-batch.ts'
import { searchRuns } from '../../src/models/experiments/search/search-runs.ts'
import { createRun, deleteRun, updateRun } from '../../src/models/experiments/tracked-runs.ts'
import { type Metadata, openMetadata } from '../../src/stores/metadata/metadata.ts'
import { temporaryFolder } from '../e2e/shop-fixture.ts'
import { pythonWith } from './python.ts'
import type { EngineSuite } from './suite.ts'

const RUNS = 400
const SEARCHES = 300
const RESULTS = 1000
const script = resolve(import.meta.dirname, '../../bench/reference/search_mlflow.py')

interface Search {
  readonly name: string
  readonly filter: string
  readonly order_by: readonly string[]
}

/** What MLflow finds, or why it refuses to look. */
interface Peer {
  readonly runs?: readonly string[]
  readonly refused?: string
}

const metricKeys = ['auc', 'log loss', 'val/auc', 'c.d', 'none']
const paramKeys = ['depth', 'max depth', 'lr.0', 'model']
const tagKeys = ['team', 'mlflow.user', 'a b']

const quotedKey = (key: string): fc.Arbitrary<string> =>
  /^[\w.]+$/.test(key) && !/\.\d/.test(key)
    ? fc.constantFrom(key, `\`${key}\``, `"${key}"`)
    : fc.constantFrom(`\`${key}\``, `"${key}"`)
const keyed = (entities: readonly string[], keys: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...entities), fc.constantFrom(...keys).chain(quotedKey))
    .map(([entity, key]) => `${entity}.${key}`)
const text = fc
  .tuple(
    fc.constantFrom('1', '2', 'gbdt', 'G%', '%b%', 't_', 'a', '100%', 'x*y', '[a]', 'run-1%', 'FINISHED'),
    fc.boolean(),
  )
  .map(([value, double]) => (double ? `"${value}"` : `'${value}'`))
const number = fc.constantFrom('0', '0.5', '1', '-1', '2.5e-1', '1700000000000', '1700000000002')
const space = fc.constantFrom(' ', '  ', '\n')
const metric = keyed(['metric', 'metrics'], metricKeys)
const said = fc.oneof(keyed(['param', 'params', 'parameter', 'parameters'], paramKeys), keyed(['tag', 'tags'], tagKeys))
const attribute = fc.constantFrom(
  'status',
  'attributes.status',
  'attr.user_id',
  'run.run_name',
  'run_name',
  'attributes.`run name`',
)
const time = fc.constantFrom('start_time', 'attribute.end_time', 'created', 'attributes.start_time')
const comparator = fc.constantFrom('=', '!=', 'LIKE', 'ILIKE', 'like')

const comparison = fc.oneof(
  fc
    .tuple(fc.oneof(metric, time), space, fc.constantFrom('=', '!=', '<', '<=', '>', '>='), space, number)
    .map((parts) => parts.join('')),
  fc.tuple(fc.oneof(said, attribute), space, comparator, space, text).map((parts) => parts.join('')),
  fc.tuple(said, fc.constantFrom(' IS NULL', ' IS NOT NULL')).map((parts) => parts.join('')),
)
const filter = fc
  .tuple(fc.array(comparison, { maxLength: 3 }), fc.constantFrom(' AND ', ' and ', '\nAND '))
  .map(([all, and]) => all.join(and))
const direction = fc.constantFrom('', ' ASC', ' DESC', ' desc')
const order = fc.uniqueArray(
  fc.tuple(fc.oneof(metric, said, fc.constantFrom('status', 'start_time', 'end_time', 'run_name')), direction),
  { maxLength: 2, selector: ([key]) => key.replaceAll(/[`"]/g, '').replace(/^(\w)\w*\./, '$1.') },
)

/** Searches of our runs, tried by MLflow's own store on the same runs: the same ones are found in the same order. */
export const searchesSuite: EngineSuite = {
  name: 'searches',
  async run(check) {
    const python = join(pythonWith('mlflow-store', ['mlflow']), 'python')
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'meta.db')
    const metadata = await openMetadata(file, { clock: virtualClock(1_700_000_000_000_000) })
    await writeRuns(metadata)
    const searches = fc
      .sample(fc.tuple(filter, order), { seed: 11, numRuns: SEARCHES })
      .map(([filter, order], index) => ({
        name: String(index),
        filter,
        order_by: order.map((parts) => parts.join('')),
      }))
    const args = [script, file, join(folder.path, 'mlflow.db'), JSON.stringify(searches), '1', String(RESULTS)]
    const { stdout } = await promisify(execFile)(python, args, { maxBuffer: 2 ** 28 })
    const { found } = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as { found: readonly Peer[] }
    for (const few of [0, 60, RESULTS])
      await check(`${SEARCHES} searches of ${RUNS} runs, where ${few} are few`, async () => {
        let results = 0
        for (const [index, search] of searches.entries()) results += await tryOne(metadata, search, found[index]!, few)
        assert.ok(results > SEARCHES * 20, `searches that find ${results} runs in all say little`)
        console.log(`        ${results.toLocaleString('en')} runs found, in the same order`)
      })
    await metadata.close()
  },
}

async function tryOne(metadata: Metadata, search: Search, peer: Peer, few: number): Promise<number> {
  const { filter, order_by } = search
  const asked = JSON.stringify({ filter, order_by })
  const ours = await searchRuns(
    metadata,
    { experiments: ['1'], filter, orderBy: order_by, maxResults: RESULTS },
    few,
  ).then(
    ({ items }) => items.map(({ name }) => name),
    (thrown: unknown) => asTruelineError(thrown),
  )
  if (peer.refused !== undefined) assert.fail(`MLflow refuses ${asked}: ${peer.refused}`)
  if (!Array.isArray(ours)) assert.fail(`we refuse ${asked}: ${ours.message}`)
  assert.deepEqual(ours, peer.runs, `other runs by ${asked}`)
  return ours.length
}

async function writeRuns(metadata: Metadata): Promise<void> {
  const random = seededRandom(3)
  const by = assertedIdentity('ada')
  const { id: experiment } = await createExperiment(metadata, { name: 'trees', by })
  const some = (share: number) => random.next() < share
  const values = [0, 0.25, 0.5, 1, 1, -1, Number.NaN]
  for (let index = 0; index < RUNS; index += 1) {
    const startedMs = 1_700_000_000_000 + random.integer(5)
    const { id } = await createRun(metadata, {
      experiment,
      name: `run-${index}`,
      user: some(0.5) ? 'ada' : 'ben',
      startedMs,
    })
    const metrics = metricKeys
      .slice(0, -1)
      .filter(() => some(0.6))
      .map((key) => ({ key, value: values[random.integer(values.length)]!, step: random.integer(3), timestampMs: 5 }))
    const pick = (all: readonly string[]) => all[random.integer(all.length)]!
    const params = paramKeys
      .filter(() => some(0.6))
      .map((key) => ({ key, value: pick(['1', '2', 'gbdt', 'GBDT', 'x*y', '100%']) }))
    const tags = tagKeys
      .filter(() => some(0.6))
      .map((key) => ({ key, value: pick(['a', 'b', 'ab', 't1', '[a]', 'Team']) }))
    await logBatch(metadata, id, { metrics, params, tags })
    if (some(0.5)) await updateRun(metadata, id, { status: 'FINISHED', endedMs: startedMs + random.integer(3) })
    if (some(0.05)) await deleteRun(metadata, id, by)
  }
}

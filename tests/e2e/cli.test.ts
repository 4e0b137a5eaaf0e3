import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { Command } from 'commander'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../src/core/clock.ts'
import { TruelineError } from '../../src/core/errors.ts'
import { HOUR } from '../../src/core/time.ts'
import { readVersion } from '../../src/models/registry/versions.ts'
import { type OwnedPlatform, openPlatform } from '../../src/platform/app/open-platform.ts'
import { type RunningServer, servePlatform } from '../../src/platform/app/serve.ts'
import { verbs } from '../../src/platform/cli/verbs.ts'
import { shopConfig } from './running-platform.ts'
import { csvOf, makeHistory, type Order, shop, temporaryFolder } from './shop-fixture.ts'
import { type Ran, trueline } from './trueline.ts'

const now = systemClock().now()
const today = Math.floor(now / HOUR) * HOUR
const history = makeHistory(today - 20 * 24 * HOUR)
const main = resolve(import.meta.dirname, '../../src/platform/cli/main.ts')
let folder: Awaited<ReturnType<typeof temporaryFolder>>

beforeAll(async () => {
  folder = await temporaryFolder()
  const orders = history.orders.filter(({ ordered_at }) => ordered_at < now)
  const returns = history.returns.filter(({ returned_at }) => returned_at < now)
  await writeFile(join(folder.path, 'orders.csv'), csvOf(orders))
  await writeFile(join(folder.path, 'returns.csv'), csvOf(returns))
})

afterAll(async () => {
  await folder[Symbol.asyncDispose]()
})

/** The command line over the shop, with its answer as JSON. */
function run(...words: string[]): Promise<Ran> {
  return trueline(...words, '--config', shopConfig, '--directory', join(folder.path, 'data'), '--json')
}

const order: Order = { order: 'N1', customer: 'C1', product: 'P1', amount: 20, card: null, ordered_at: now }

test('every verb says what it takes', async () => {
  const program = new Command()
  for (const verb of verbs) verb(program)
  const names = program.commands.flatMap((command) => [
    [command.name()],
    ...command.commands.map((inner) => [command.name(), inner.name()]),
  ])
  expect(names.length).toBeGreaterThan(20)
  for (const words of names) {
    const { code, stdout, stderr } = await trueline(...words, '--help')
    expect({ words, code, stderr }).toEqual({ words, code: 0, stderr: '' })
    expect(stdout).toMatch(new RegExp(`^Usage: trueline .*${words.at(-1)}`))
  }
})

test('the way from a file to a prediction and back, each step in JSON alone', async () => {
  expect(await run('models')).toMatchObject({ code: 1, json: { code: 'directory_not_found' } })
  const files = { orders: join(folder.path, 'orders.csv'), returns: join(folder.path, 'returns.csv') }
  for (const [stream, file] of Object.entries(files)) {
    const taken = await run('ingest', stream, file, '--history')
    expect(taken).toMatchObject({ code: 0, json: { stream, duplicates: 0, rejected: 0 } })
    expect((await run('ingest', stream, file, '--history')).json).toMatchObject({ accepted: 0 })
  }
  const trained = await run('train', 'sent_back', '--as', 'ann')
  expect(trained).toMatchObject({ code: 0, json: { model: 'sent_back', version: 2, gate: { verdict: 'pass' } } })
  expect(await run('approve', 'sent_back', '2', '--as', 'ann')).toMatchObject({
    ...{ code: 1, json: { code: 'approval_by_author' } },
  })
  expect(await run('promote', 'sent_back', '2')).toMatchObject({ code: 1, json: { code: 'not_approved' } })
  expect(await run('approve', 'sent_back', '2', '--as', 'ben')).toMatchObject({ code: 0, json: { state: 'approved' } })
  expect(await run('promote', 'sent_back', '2', '--as', 'ben')).toMatchObject({ code: 0, json: { version: 2 } })
  expect(await run('rollback', 'sent_back', '--reason', 'Try.')).toMatchObject({
    ...{ code: 1, json: { code: 'no_previous_version' } },
  })
  const predicted = await run('predict', 'sent_back', JSON.stringify(order), '--features')
  expect(predicted).toMatchObject({ code: 0, json: { version: 2, predictions: [{ score: expect.any(Number) }] } })
  const fresh = await run('predict', 'sent_back', JSON.stringify({ ...order, order: 'N2' }), '--freshness')
  expect(fresh.json.freshness[0]).toMatchObject({ group: 'customer_orders', degraded: false })
  const id = predicted.json.predictions[0].prediction_id
  expect(await run('trace', id)).toMatchObject({ code: 0, json: { prediction: { id } } })
  expect(await run('replay', id)).toMatchObject({ code: 0, json: { same: true } })
  const place = ['--config', shopConfig, '--directory', join(folder.path, 'data')]
  for (const words of [['trace'], ['predictions', 'show']])
    expect((await trueline(...words, id, ...place)).stdout).toMatch(/row: .*"ordered_at":"\d{4}-\d\d-\d\dT/)
  expect(await run('features', 'audit')).toMatchObject({ code: 0, json: { checked: 2, mismatches: 0 } })
  expect(await run('features', 'get', 'product_returns', 'product=P1')).toMatchObject({ code: 0 })
  expect((await run('features', '--search', 'pair number')).json).toMatchObject({
    total: 1,
    features: [{ id: 'pair_orders.orders_3d', logic: 'number of rows over the last 3d' }],
  })
  expect((await run('features', 'show', 'pair_orders.orders_3d')).json).toMatchObject({
    consumers: [{ kind: 'model', name: 'sent_back', version: 2, serving: true }],
    trainedOn: { model: 'sent_back', version: 2, nullRate: expect.any(Number) },
  })
  const rested = await run('status')
  expect(rested).toMatchObject({
    code: 0,
    json: { running: false, sentence: expect.stringMatching(/^No platform runs: /) },
  })
  const served = { version: 2, health: expect.not.stringMatching(/^ok$/) }
  expect(rested.json.models).toMatchObject([
    { name: 'refund_size' },
    { ...served, sentence: expect.stringContaining(' v2 does not run') },
  ])
  expect(await run('monitor', 'sent_back')).toMatchObject({ code: 0, json: { model: 'sent_back', version: 2 } })
  expect(await run('alerts', '--open')).toMatchObject({ code: 0, json: { total: expect.any(Number) } })
  expect((await run('retraining')).json).toMatchObject([{ model: 'refund_size' }, { model: 'sent_back' }])
  expect(await run('deadletters')).toMatchObject({ code: 0, json: { total: 0, rows: [] } })
  expect((await run('runbook')).json).toEqual(expect.arrayContaining(['data_drift']))
  expect(await run('runbook', 'data_drift')).toMatchObject({ code: 0, json: { name: 'data_drift' } })
  const findings = (await run('doctor')).json as { check: string; ok: boolean; found: string }[]
  expect(findings.find(({ check }) => check === 'project')).toMatchObject({ ok: true })
  expect(findings.filter(({ check }) => check === 'data files')).toMatchObject([{ ok: true, found: 'all whole' }])
  expect(findings.filter(({ check }) => check === 'files of models')).toMatchObject([{ ok: true }])
})

test('what only reads needs no project file that is right: the definitions in force say what the data means', async () => {
  const broken = join(folder.path, 'broken.config.ts')
  await writeFile(broken, 'export const orders = stream(')
  const place = ['--directory', join(folder.path, 'data'), '--json']
  const by = (config: string, ...words: string[]) => trueline(...words, '--config', config, ...place)
  const gone = join(folder.path, 'gone.config.ts')
  for (const [config, code, ...words] of [
    [broken, 'config_invalid', 'models', 'show', 'sent_back', '2'],
    [broken, 'config_invalid', 'audit'],
    [broken, 'config_invalid', 'lineage', 'sent_back/2'],
    [gone, 'config_not_found', 'models'],
  ] as const) {
    const right = await run(...words)
    const { code: exit, json, stderr } = await by(config, ...words)
    expect({ words, exit, json }).toEqual({ words, exit: 0, json: right.json })
    expect(stderr).toMatch(new RegExp(`^note: this is by the definitions in force since 20.*${code}`))
  }
  expect(await by(broken, 'train', 'sent_back')).toMatchObject({ code: 1, json: { code: 'config_invalid' } })
  await mkdir(join(folder.path, 'nothing'))
  const nothing = ['models', '--config', broken, '--directory', join(folder.path, 'nothing'), '--json']
  expect(await trueline(...nothing)).toMatchObject({ code: 1, json: { code: 'config_invalid' } })
})

test('trainings are runs of the experiment of their model: listed, searched, shown and compared', async () => {
  const filter = "metrics.auc > 0 AND tags.`trueline.model` = 'sent_back'"
  const listed = await run(
    'runs',
    '--experiment',
    'sent_back',
    '--filter',
    filter,
    '--columns',
    'metrics.auc',
    '--limit',
    '1',
  )
  expect(listed).toMatchObject({ code: 0, json: { runs: [{ training: 'run-2', values: [expect.any(Number)] }] } })
  const after = ['--after', listed.json.next, '--limit', '1']
  const second = await run(
    'runs',
    '--experiment',
    'sent_back',
    '--filter',
    filter,
    '--columns',
    'metrics.auc',
    ...after,
  )
  expect(second.json).toMatchObject({ runs: [{ training: 'run-1', status: 'FINISHED', user: 'ann' }], next: null })
  const compared = (await run('runs', 'compare', 'run-1', listed.json.runs[0].id)).json
  expect(compared.params).toEqual([{ key: 'variant', values: ['without_windows', 'full'] }])
  expect(compared.features).toEqual(
    expect.arrayContaining([{ key: 'customer_orders', values: [null, expect.any(String)] }]),
  )
  const place = ['--config', shopConfig, '--directory', join(folder.path, 'data')]
  expect((await trueline('experiments', ...place)).stdout).toMatch(/^id +name +runs.*1 +sent_back +2 /s)
  expect((await trueline('runs', 'show', 'run-2', ...place)).stdout).toMatch(
    /^run-2 .*param +seed.*data +sent_back \(training\)/s,
  )
})

test('a population is scored by a command of its own: file, table and stream, each row once, with the reasons of the others', async () => {
  const rows = [order, { ...order, customer: null }, { ...order, amount: -1 }, order]
  const population = join(folder.path, 'population.jsonl')
  await writeFile(population, `${rows.map((row) => JSON.stringify(row)).join('\n')}\n{"order":\n`)
  const to = join(folder.path, 'scores.csv')
  const scored = await run('score', 'sent_back', '--population', population, '--to', to, '--keep', 'product')
  expect(scored).toMatchObject({
    code: 1,
    json: {
      ...{ id: 'b1', batch: '', kind: 'file', status: 'succeeded', model: 'sent_back', version: 2 },
      report: { received: 5, scored: 3, rejected: 2, reasons: { out_of_range: 1, malformed_row: 1 }, published: true },
    },
  })
  const [head, ...lines] = (await readFile(to, 'utf8')).trim().split('\n')
  expect(head).toBe('order,product,t,score,decision,decided_by,reason,prediction_id,model,version,digest,run_id')
  const predicted = await run('predict', 'sent_back', JSON.stringify(order))
  const cells = lines.map((line) => line.split(','))
  expect([cells[0]![3], cells[2]![3]]).toEqual(Array(2).fill(String(predicted.json.predictions[0].score)))
  expect(cells.map((row) => row[7])).toEqual(['b1-0', 'b1-1', 'b1-3'])
  const again = ['score', 'sent_back', '--population', population, '--to', to]
  expect(await run(...again)).toMatchObject({ code: 1, json: { code: 'file_exists', path: to } })
  const replaced = await run(...again, '--keep', 'product', '--replace')
  expect(replaced.json).toMatchObject({ id: 'b2', status: 'succeeded', report: { scored: 3, rejected: 2 } })
  expect(await readFile(to, 'utf8')).toMatch(/^N1,P1,.*,b2$/m)
  const table = `sqlite:${join(folder.path, 'scores.db')}#scores`
  const ofStream = await run('score', 'sent_back', '--stream', 'orders', '--last', '1d', '--to', table)
  const day = history.orders.filter(({ ordered_at }) => ordered_at < now && ordered_at >= now - 24 * HOUR)
  expect(ofStream).toMatchObject({ code: 0, json: { report: { rejected: 0, published: true } } })
  expect(Math.abs(ofStream.json.report.scored - day.length)).toBeLessThanOrEqual(2)
  const ofTable = ['score', 'sent_back', '--population', table, '--to', join(folder.path, 'again.parquet')]
  const { scored: inTable } = ofStream.json.report
  expect(await run(...ofTable)).toMatchObject({
    code: 1,
    json: {
      status: 'held',
      report: { scored: 0, rejected: inTable, published: false, reasons: { missing_column: inTable } },
    },
  })
  expect(existsSync(join(folder.path, 'again.parquet'))).toBe(false)
  const runs = (await run('score', '--runs')).json as { id: string; status: string }[]
  const statuses = ['b4 held', 'b3 succeeded', 'b2 succeeded', 'b1 succeeded']
  expect(runs.map(({ id, status }) => `${id} ${status}`)).toEqual(statuses)
  expect((await run(...ofTable, '--append')).json).toMatchObject({ code: 'invalid_arguments', path: '--append' })
  const misspelt = ['--to', join(folder.path, 'misspelt.parquet'), '--keep', 'prodct']
  expect((await run('score', 'sent_back', '--population', population, ...misspelt)).json).toMatchObject({
    ...{ code: 'unknown_column', error: "There is no column 'prodct'.", remedy: "Did you mean 'product'?" },
  })
  const [newest] = (await run('score', '--runs')).json
  expect(newest.error.remedy).toBe("Did you mean 'product'?")
})

test('a folder in place of a file of rows cannot be read', async () => {
  const path = join(folder.path, 'folder.ndjson')
  await mkdir(path)
  expect(await run('ingest', 'orders', path)).toMatchObject({ code: 1, json: { code: 'file_unreadable', path } })
})

test('rows that come now are taken line by line, and a broken one is a dead letter and an exit code', async () => {
  const file = join(folder.path, 'now.ndjson')
  await writeFile(
    file,
    `${JSON.stringify({ ...order, order: 'N2' })}\n\n{"order":\n${JSON.stringify({ ...order, amount: -1 })}\n`,
  )
  const { code, json } = await run('ingest', 'orders', file)
  expect([code, json]).toMatchObject([1, { accepted: 1, rejected: 2, lines: [{ line: 3 }, { line: 4 }] }])
  const letters = await run('deadletters', '--stream', 'orders')
  expect(letters.json.counts).toEqual({ malformed_row: 1, out_of_range: 1 })
  expect((await run('deadletters', '--code', 'out_of_range', '--limit', '1')).json.rows).toHaveLength(1)
  // Rows of a table are history, and whoever gives one is told how.
  const path = join(folder.path, 'now.csv')
  await writeFile(path, 'order\nN3\n')
  expect(await run('ingest', 'orders', path)).toMatchObject({
    code: 1,
    json: { code: 'invalid_arguments', path: '--history', remedy: expect.stringContaining(`${path} --history`) },
  })
})

test.each([
  ['an unknown model', ['train', 'sent_bak'], 'unknown_model'],
  ['an unknown prediction', ['trace', 'p0-999'], 'unknown_prediction'],
  ['an unknown alert', ['alerts', 'acknowledge', 'alert-99'], 'unknown_alert'],
  ['an unknown runbook', ['runbook', 'dat_drift'], 'not_found'],
  ['a file that is not there', ['ingest', 'orders', 'none.ndjson'], 'file_not_found'],
  ['a version that is no number', ['promote', 'sent_back', 'two'], 'invalid_arguments'],
  ['a version that is not there', ['promote', 'sent_back', '7'], 'unknown_version'],
  ['an unknown variant', ['train', 'sent_back', '--variant', 'half'], 'invalid_arguments'],
  ['a row that is no JSON', ['predict', 'sent_back', '{'], 'invalid_arguments'],
  ['a sample of none', ['features', 'audit', '--sample', '0'], 'invalid_arguments'],
  ['a key without a value', ['features', 'get', 'product_returns', 'P1'], 'invalid_arguments'],
  ['an unknown group', ['features', 'get', 'product_return', 'product=P1'], 'unknown_feature'],
  ['a limit that is none', ['deadletters', '--limit', 'many'], 'invalid_arguments'],
  ['a name of the platform itself', ['approve', 'sent_back', '1', '--as', 'trueline'], 'invalid_arguments'],
  ['an approval by nobody', ['approve', 'sent_back', '1'], 'invalid_arguments'],
  ['a rejection by nobody', ['reject', 'sent_back', '1', '--reason', 'x'], 'invalid_arguments'],
  ['predictions of an unknown model', ['predictions', '--model', 'sent_bak'], 'unknown_model'],
  ['times in the wrong order', ['predictions', '--from', '2026-01-02', '--to', '2026-01-01'], 'invalid_arguments'],
  ['a filter that is none', ['runs', '--filter', 'metrics.auc'], 'invalid_filter'],
  ['an unknown experiment', ['experiments', 'show', 'sent_bak'], 'unknown_experiment'],
  ['a comparison with nothing', ['runs', 'compare', 'run-1'], 'invalid_arguments'],
  ['an unknown run', ['runs', 'show', 'run-99'], 'unknown_run'],
  ['a port that is none', ['up', '--port', 'x'], 'invalid_arguments'],
])('%s is refused with a code in JSON and exit code 1', async (_what, words, code) => {
  const { code: exit, json, stderr } = await run(...words)
  expect({ exit, code: json.code, remedy: typeof json.remedy, stderr }).toEqual({
    exit: 1,
    code,
    remedy: 'string',
    stderr: '',
  })
})

test('words that mean nothing are refused on stderr with exit code 1, and stdout stays empty', async () => {
  for (const words of [['fly'], ['train'], ['models', '--far'], ['rollback', 'sent_back']]) {
    const { code, stdout, stderr } = await trueline(...words, '--json')
    expect({ words, code, stdout }).toEqual({ words, code: 1, stdout: '' })
    expect(stderr).toMatch(/^error: /)
  }
})

test('a mistake in the config names the file, the place and what to do', async () => {
  const broken = join(folder.path, 'broken.config.ts')
  await writeFile(broken, 'export const orders = stream(')
  const missing = await trueline('models', '--config', join(folder.path, 'none.ts'), '--json')
  expect(missing).toMatchObject({ code: 1, json: { code: 'config_not_found' } })
  const { code, json } = await trueline('models', '--config', broken, '--json')
  expect({ code, error: json.code }).toEqual({ code: 1, error: 'config_invalid' })
  expect(json.path).toContain('broken.config.ts')
})

test('what is our fault ends with exit code 2', async () => {
  const platform = await openPlatform({ config: shop, directory: join(folder.path, 'data') })
  const { manifest } = await readVersion(platform.parts.metadata, 'sent_back', 1)
  const path = platform.parts.artifacts.path(manifest.scorer)
  await platform.close()
  const bytes = await readFile(path)
  await run('approve', 'sent_back', '1', '--as', 'ben', '--reason', 'For the test.')
  await rm(path)
  const doctor = await run('doctor')
  expect(doctor.code).toBe(1)
  expect((doctor.json as { check: string }[]).filter(({ check }) => check === 'files of models')).toEqual([
    {
      check: 'files of models',
      ok: false,
      found: `${path} is missing, needed by sent_back/1 scorer`,
      remedy: 'Put that file back from a backup (docs/guide/backups.md), or train the model again.',
    },
  ])
  await writeFile(path, 'something else')
  expect(await run('promote', 'sent_back', '1')).toMatchObject({ code: 2, json: { code: 'artifact_corrupt' } })
  await writeFile(path, bytes)
  expect(await run('promote', 'sent_back', '1')).toMatchObject({ code: 0 })
  expect(await run('rollback', 'sent_back', '--reason', 'The test is over.')).toMatchObject({
    code: 0,
    json: { version: 2 },
  })
})

test('a plan says what would change and what is kept, and only the plan that was seen is applied', async () => {
  const changed = join(folder.path, 'changed.config.ts')
  const source = await readFile(join(import.meta.dirname, 'shop-fixture.ts'), 'utf8')
  const text = source
    .replaceAll("'../../src/", `'${resolve(import.meta.dirname, '../../src')}/`)
    .replace("orders_2d: count().over('2d')", "orders_2d: count().over('1d')")
  await writeFile(changed, text)
  const data = join(folder.path, 'data')
  const same = await run('plan')
  expect(same).toMatchObject({ code: 0, json: { changes: [], stops: [] } })
  expect(same.json.before).toBe(same.json.after)
  const planned = await trueline('plan', '--config', changed, '--directory', data, '--json')
  expect(planned.json.changes.map(({ name, change }: Record<string, string>) => `${name} ${change}`)).toEqual([
    'customer_orders changed',
    'sent_back changed',
  ])
  expect(planned.json.governance).toEqual([])
  expect(planned.json.members[0]).toMatchObject({ member: 'select.orders_2d', dependents: ['model sent_back'] })
  expect(planned.json.keeps).toEqual([{ model: 'sent_back', version: 2, features: ['customer_orders'] }])
  expect(planned.json.stops).toEqual([])
  const other = await trueline('apply', 'sha256:0', '--config', changed, '--directory', data, '--json')
  expect(other).toMatchObject({ code: 1, json: { code: 'definitions_changed' } })
  expect((await run('plan')).json.before).toBe(same.json.before)
  const applied = await trueline('apply', planned.json.plan, '--config', changed, '--directory', data, '--json')
  expect(applied).toMatchObject({ code: 0, json: planned.json })
  expect(await run('models')).toMatchObject({ code: 1, json: { code: 'definitions_changed' } })
  expect(await run('apply')).toMatchObject({ code: 0 })
  expect(await run('models')).toMatchObject({ code: 0 })
})

test('a running platform is asked over HTTP, and answers the same; nothing opens its directory', async () => {
  const platform: OwnedPlatform = await openPlatform({ config: shop, directory: join(folder.path, 'data') })
  const server: RunningServer = await servePlatform(platform, { port: 0 })
  try {
    expect((await run('models', 'sent_back')).json).toEqual(await platform.models('sent_back'))
    expect((await run('plan')).json.changes).toEqual([])
    const config = join(folder.path, 'ahead.config.ts')
    const changed = await readFile(join(folder.path, 'changed.config.ts'), 'utf8')
    await writeFile(config, changed.replace("ahead: '1h'", "ahead: '2h'"))
    const planned = await trueline('plan', '--config', config, '--directory', join(folder.path, 'data'))
    expect(planned.stdout.trim().split('\n').slice(-2)).toEqual([
      'It needs a start. Besides features, streams would change: orders.',
      'next: stop the platform that runs, then: trueline up --apply',
    ])
    // The file was edited and not applied: what is asked for goes by what is in force, and says so.
    const asked = ['train', 'sent_bak', '--directory', join(folder.path, 'data'), '--config'] as const
    expect((await trueline(...asked, config)).stderr).toContain('(stream orders, features customer_orders, ')
    expect((await trueline(...asked, shopConfig)).stderr).not.toContain('note:')
    expect(await run('predict', 'sent_back', JSON.stringify(order))).toMatchObject({ code: 0, json: { version: 2 } })
    expect(await run('ingest', 'orders', join(folder.path, 'now.ndjson'))).toMatchObject({
      ...{ code: 1, json: { accepted: 0, duplicates: 1, rejected: 2 } },
    })
    const audited = await run('features', 'audit')
    expect(audited).toMatchObject({ code: 0, json: { mismatches: 0 } })
    await tryUntold(platform)
    await tryLoadTest(audited.json.checked, server.url)
    expect(await run('promote', 'sent_back', '9')).toMatchObject({ code: 1, json: { code: 'unknown_version' } })
    expect(await run('apply')).toMatchObject({ code: 0, json: { changes: [], inForce: true } })
    expect(await run('up', '--port', '0')).toMatchObject({
      ...{ code: 1, json: { code: 'directory_in_use', error: `The platform is up already at ${server.url}.` } },
    })
    expect(await run('ingest', 'ordrs', join(folder.path, 'orders.csv'), '--history')).toMatchObject({
      ...{ code: 1, json: { code: 'unknown_stream', error: expect.stringContaining("Did you mean 'orders'?") } },
    })
    // What else one can do is said with it.
    expect(await run('ingest', 'orders', join(folder.path, 'orders.csv'), '--history')).toMatchObject({
      ...{ code: 1, json: { code: 'directory_in_use', remedy: expect.stringContaining('name the files as a source') } },
    })
  } finally {
    await server.close()
    await platform.close()
  }
})

/** The platform cannot be told of a run whose scores were published. */
async function tryUntold(platform: OwnedPlatform): Promise<void> {
  const population = join(folder.path, 'untold.jsonl')
  await writeFile(population, `${JSON.stringify(order)}\n`)
  const to = join(folder.path, 'untold.csv')
  const { endScoring } = platform
  const told: unknown[] = []
  const full = new TruelineError('disk_full', 'No room.')
  Object.assign(platform, { endScoring: async (...end: unknown[]) => Promise.reject(told.push(end) && full) })
  const words = ['score', 'sent_back', '--population', population, '--to', to]
  const untold = await run(...words)
  expect(untold).toMatchObject({ code: 1, json: { code: 'disk_full', error: expect.stringContaining(`are in ${to}`) } })
  expect(told).toHaveLength(1)
  Object.assign(platform, { endScoring })
  const scored = await readFile(to, 'utf8')
  expect(await run(...words)).toMatchObject({ code: 0, json: { id: untold.json.path, status: 'succeeded' } })
  expect(await readFile(to, 'utf8')).toBe(scored)
}

/** @param checked predictions that an audit checks before */
async function tryLoadTest(checked: number, url: string): Promise<void> {
  expect(await run('capacity', 'sent_back', '--target', '100')).toMatchObject({
    ...{ code: 1, json: { code: 'no_load_evidence' } },
  })
  const tested = await run('loadtest', 'sent_back', '--rate', '100', '--for', '300ms', '--warmup', '0s', '--as', 'ann')
  // The model declares no objective.
  expect(tested).toMatchObject({
    code: 0,
    json: {
      ...{
        number: 1,
        model: 'sent_back',
        version: 2,
        by: 'ann',
        verdict: 'insufficient',
        host: { node: process.version },
      },
      settings: { seconds: 0.3, warmup: 0, arrivals: 'poisson', seed: 1, rows: 'stream' },
    },
  })
  const { client, server } = tested.json.steps[0]
  expect(client.codes).toEqual({ ok: client.requests })
  expect(server).toMatchObject({ cpuPerRequest: expect.any(Number), utilization: expect.any(Number) })
  expect((await run('loadtest', '--runs')).json).toEqual([tested.json])
  const marked = { 'content-type': 'application/json', 'x-trueline-load-test': '1' }
  const asked = { method: 'POST', headers: marked, body: JSON.stringify({ rows: [order] }) }
  expect(await (await fetch(`${url}/v1/models/sent_back/predict`, asked)).json()).toMatchObject({
    code: 'load_test_not_running',
  })
  // Logged like any other, and neither audited nor watched.
  const { predictions } = (await run('predictions', '--limit', '1000')).json
  expect(predictions.filter(({ mode }: { mode: string }) => mode === 'loadtest')).toHaveLength(client.requests)
  expect((await run('features', 'audit')).json).toMatchObject({ checked, left_out: { loadtest: client.requests } })
  const rows = join(folder.path, 'asked.jsonl')
  await writeFile(rows, `${JSON.stringify({ ...order, customer: 3 })}\n`)
  const wrong = await run('loadtest', 'sent_back', '--rate', '100', '--for', '100ms', '--warmup', '0s', '--rows', rows)
  expect(wrong.json.steps[0].client).toMatchObject({ answered: 0, codes: { '200 wrong_type': expect.any(Number) } })
  const begun = () => run('audit', '--search', 'loadtest.begin')
  const before = (await begun()).json
  expect((await run('loadtest', 'sent_back', '--rows', join(folder.path, 'none.jsonl'))).json).toMatchObject({
    code: 'file_not_found',
  })
  // What cannot be asked with is found before the test begins.
  expect((await begun()).json).toEqual(before)
  const unasked = ['package', 'sent_back', '--to', join(folder.path, 'unasked'), '--headroom', '0.5']
  expect((await run(...unasked)).json).toMatchObject({ code: 'invalid_arguments', path: '--headroom' })
  expect(await run('loadtest', 'sent_back', '--rate', '0')).toMatchObject({
    code: 1,
    json: { code: 'invalid_arguments' },
  })
}

test('the program itself runs, asks nothing without a terminal, and gives its exit code to the shell', async () => {
  const shell = (...words: string[]) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((settle) => {
      const child = execFile(process.execPath, [main, ...words], (error, stdout, stderr) =>
        settle({ code: Number(error?.code ?? 0), stdout, stderr }),
      )
      child.stdin?.end()
    })
  const { version } = JSON.parse(await readFile(resolve(import.meta.dirname, '../../package.json'), 'utf8'))
  expect(await shell('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  expect(await shell('models', '--config', 'none.ts')).toMatchObject({
    ...{ code: 1, stdout: '', stderr: expect.stringMatching(/^error config_not_found/) },
  })
})

import { chmod, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ProjectDefinition } from '../../src/language/define/definitions.ts'
import { decodeForest } from '../../src/models/inference/forest-codec.ts'
import type { OwnedPlatform } from '../../src/platform/app/open-platform.ts'
import { type RunningServer, servePlatform } from '../../src/platform/app/serve.ts'
import { putTreeFile } from '../../src/stores/artifacts/artifact-trees.ts'
import { postJson, send } from './http.ts'
import { shopConfig } from './running-platform.ts'
import { importShop, makeHistory, NOW, openShop, sentBack, shop, temporaryFolder } from './shop-fixture.ts'
import { trueline } from './trueline.ts'
import { xgboostFile } from './xgboost-file.ts'

const MODEL = 'sent_back'
const approvals = { needed: 2, of: ['anna', 'ben', 'carl'] }
/** The shop, whose model two of three people approve. */
const project: ProjectDefinition = { ...shop, models: { ...shop.models, [MODEL]: { ...sentBack, approvals } } }

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let platform: OwnedPlatform
let server: RunningServer

beforeAll(async () => {
  folder = await temporaryFolder()
  platform = (await openShop({ folder: folder.path, project })).platform
  server = await servePlatform(platform, { port: 0 })
  await importShop(platform, folder.path, makeHistory())
  await platform.train(MODEL, { name: 'dora' })
})

afterAll(async () => {
  await server.close()
  await platform.close()
  await folder[Symbol.asyncDispose]()
})

const ask = (path: string) => send(`${server.url}/api/v1/models/${MODEL}${path}`)
const act = (path: string, body: object) => postJson(`${server.url}/api/v1/models/${MODEL}${path}`, body)
const approve = (version: number, as: string) => act('/approve', { version, as, reason: 'It looks sound.' })
const mlflow = (path: string, body: object) => postJson(`${server.url}/api/2.0/mlflow${path}`, body)
const run = (...words: string[]) => trueline(...words, '--config', shopConfig, '--directory', join(folder.path, 'data'))

/** Files of XGBoost that hold what version 2 learnt, and ones with a tree less and with other names of inputs. */
async function filesOfChampion() {
  const { manifest, contents } = await platform.bundle(MODEL, 2)
  const forest = decodeForest(Buffer.from(contents[manifest.scorer]!, 'base64'))
  const write = (of: typeof forest, names = forest.featureNames) => xgboostFile(of, 'binary:logistic', names)
  return {
    first: write(forest),
    second: write({ ...forest, treeStarts: forest.treeStarts.subarray(0, -1) }),
    strange: write(
      forest,
      forest.featureNames.map((name) => `x_${name}`),
    ),
  }
}

const mlflowBody = async (path: string, body: object) => (await mlflow(path, body)).body
const asCat = (...words: string[]) => run(...words, '--as', 'cat', '--json')

async function put(path: string, text: string): Promise<void> {
  async function* content() {
    yield new TextEncoder().encode(text)
  }
  await putTreeFile(platform.tracking.metadata, platform.tracking.artifacts, path, content())
}

/** A run that logged a model of XGBoost among its artifacts, as a client of MLflow does. */
async function loggedRun(file: keyof Awaited<ReturnType<typeof filesOfChampion>>, name = 'model'): Promise<string> {
  const { run: created } = await mlflowBody('/runs/create', { experiment_id: '0', user_id: 'carl' })
  const { run_id: id, artifact_uri: uri } = created.info
  await mlflowBody('/runs/log-metric', { run_id: id, key: 'auc', value: 0.87, timestamp: 1 })
  const place = uri.replace('mlflow-artifacts:/', '')
  await put(`${place}/${name}/MLmodel`, 'flavors:\n  xgboost:\n    data: model.json\n    model_format: json\n')
  await put(`${place}/${name}/model.json`, (await filesOfChampion())[file])
  return id
}

async function loggedVersion(id: string): Promise<number> {
  const answer = await mlflowBody('/model-versions/create', { name: MODEL, source: `runs:/${id}/model`, run_id: id })
  return Number(answer.model_version.version)
}

async function placeOf(id: string): Promise<string> {
  const run = await platform.tracking.metadata.database
    .selectFrom('experiment_runs')
    .select('experiment')
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  return `${run.experiment}/${id}/artifacts`
}

test('the baseline waits for no decision, and is listed as what it is', async () => {
  expect((await run('models', MODEL, '--json')).json).toMatchObject([
    { version: 2, state: 'candidate', standing: 'candidate' },
    { version: 1, state: 'candidate', standing: 'baseline' },
  ])
  expect((await platform.fleet()).models.find(({ name }) => name === MODEL)).toMatchObject({ candidates: 1 })
  expect((await run('models', 'show', MODEL, '1')).stdout).toMatch(/^sent_back v1: baseline\n/)
})

test('nothing of a model serves past its approvals, whatever door is used', async () => {
  expect(await approve(1, 'anna')).toMatchObject({
    status: 200,
    body: { state: 'candidate', lacking: { needed: 2, missing: 1, open: ['ben', 'carl'] } },
  })
  expect(await approve(1, 'Anna')).toMatchObject({ status: 409, body: { code: 'approved_before' } })
  expect(await approve(1, 'dora')).toMatchObject({ status: 403, body: { code: 'approval_by_author' } })
  expect(await approve(1, 'eve')).toMatchObject({ status: 403, body: { code: 'approver_not_named' } })
  const promoted = await act('/promote', { version: 1, as: 'eve' })
  expect(promoted).toMatchObject({ status: 409, body: { code: 'not_approved' } })
  for (const alias of ['champion', 'production']) {
    const set = await mlflow('/registered-models/alias', { name: MODEL, alias, version: '1' })
    expect(set).toMatchObject({ status: 403, body: { error_code: 'PERMISSION_DENIED' } })
  }
  const staged = await mlflow('/model-versions/transition-stage', { name: MODEL, version: '1', stage: 'Production' })
  expect(staged).toMatchObject({ status: 403 })
  expect(staged.body.message).toContain('takes approved versions alone, and sent_back/1 is candidate')
  const renamed = await mlflow('/registered-models/rename', { name: MODEL, new_name: 'other' })
  expect(renamed).toMatchObject({ status: 403, body: { error_code: 'PERMISSION_DENIED' } })
  const shown = await run('models', 'show', MODEL, '1')
  expect(shown.stdout).toContain('approved by anna')
  expect(shown.stdout).toContain('1 of 2; 1 more, by ben, carl')
})

test('of approvers who race one more counts, and of promotions that race one', async () => {
  const votes = await Promise.all([approve(1, 'ben'), approve(1, 'carl')])
  expect(votes.map(({ status }) => status).sort()).toEqual([200, 409])
  expect(votes.find(({ status }) => status === 409)?.body.code).toBe('already_decided')
  expect(votes.find(({ status }) => status === 200)?.body).toMatchObject({ state: 'approved', lacking: { missing: 0 } })
  for (const as of ['ben', 'carl']) expect(await approve(2, as)).toMatchObject({ status: 200 })
  const promote = (version: number) => act('/promote', { version, as: 'eve', expected: null, reason: 'The first.' })
  const promotions = await Promise.all([promote(1), promote(2)])
  expect(promotions.map(({ status }) => status).sort()).toEqual([200, 409])
  expect(promotions.find(({ status }) => status === 409)?.body.code).toBe('model_changed')
  const { version } = promotions.find(({ status }) => status === 200)!.body
  expect((await act('/promote', { version, as: 'eve', expected: null })).body.code).toBe('model_changed')
  const other = 3 - version
  const moves = await Promise.all(
    [other, other].map((to) => act('/promote', { version: to, as: 'eve', expected: version })),
  )
  expect(moves.map(({ status }) => status).sort()).toEqual([200, 409])
  const backs = await Promise.all(
    ['eve', 'anna'].map((as) => act('/rollback', { as, reason: 'errors', expected: other })),
  )
  expect(backs.map(({ status }) => status).sort()).toEqual([200, 409])
  expect((await ask('/served')).body.served).toMatchObject({ version, change: 'rollback' })
  const listed = await send(`${server.url}/api/v1/registered-models/${MODEL}/versions?limit=1`)
  expect(listed.body.versions).toMatchObject([{ version: 2, state: 'approved', serving: version === 2 }])
  const rest = await send(`${server.url}/api/v1/registered-models/${MODEL}/versions?limit=9&cursor=${listed.body.next}`)
  expect(rest.body).toMatchObject({ versions: [{ version: 1, approvals: [{ by: 'anna' }, {}] }], next: null })
  expect(await send(`${server.url}/api/v1/registered-models/none/versions`)).toMatchObject({ status: 404 })
})

test('what served at a time, and who approved it, is told by every door', async () => {
  const { body } = await ask(`/served?at=${NOW}`)
  expect(body.served).toMatchObject({ by: expect.any(String), author: 'dora', until: null })
  expect(body.served.approvals).toHaveLength(2)
  const { version } = body.served
  expect((await run('models', 'show', MODEL, String(version))).stdout).not.toContain('next:')
  expect((await run('models', 'show', MODEL, String(3 - version))).stdout).toContain('next: trueline promote')
  expect((await ask('/served?at=1000')).body).toEqual({ model: MODEL, at: 1000, served: null })
  expect((await ask('/history')).body.changes.map(({ change }: { change: string }) => change)).toEqual([
    ...['rollback', 'promote', 'promote'],
  ])
  expect((await run('models', 'served', MODEL)).stdout).toMatch(/brought back by a rollback by \w+: errors/)
  expect((await run('models', 'served', MODEL, '--at', '2001-01-01')).stdout).toContain('Nothing of sent_back served')
  expect((await run('models', 'history', MODEL)).stdout).toContain('rollback: errors')
  expect((await run('models', 'aliases', MODEL)).stdout).toContain('champion')
  const unknown = await send(`${server.url}/api/v1/models/nobody/served`)
  expect(unknown).toMatchObject({ status: 404, body: { code: 'unknown_registered_model' } })
})

test('a protected alias moves by what was seen, over HTTP and from the command line', async () => {
  const move = (version: number | null, expected?: number | null) =>
    act('/aliases', { alias: 'production', version, as: 'eve', ...(expected === undefined ? {} : { expected }) })
  const first = await Promise.all([move(1), move(2)])
  expect(first.map(({ status }) => status).sort()).toEqual([200, 409])
  const { version } = first.find(({ status }) => status === 200)!.body
  const other = String(3 - version)
  const unseen = await run('models', 'alias', MODEL, 'production', other, '--json')
  expect(unseen).toMatchObject({ code: 1, json: { code: 'alias_changed' } })
  const seen = await run('models', 'alias', MODEL, 'production', other, '--expected', String(version), '--as', 'eve')
  expect(seen).toMatchObject({ code: 0, stdout: `'production' of sent_back stands for version ${other}.\n` })
  expect((await ask('/history?alias=production')).body.changes).toMatchObject([{ version: Number(other) }, { version }])
  const listed = await run('models', 'list', '--filter', "name LIKE 'sent%'", '--json')
  expect(listed.json.models).toMatchObject([{ name: MODEL, governed: true, newest: 2 }])
  expect((await run('models', 'list')).stdout).toContain('refund_size')
})

test('a logged version is given a contract under its number, judged, and approved by others than who logged it', async () => {
  const version = await loggedVersion(await loggedRun('first'))
  const before = await asCat('models', 'show', MODEL, String(version))
  expect(before.json).toMatchObject({ state: 'logged', author: 'carl', serving: false })
  const listed = (await run('models', MODEL)).stdout
  expect(listed).toMatch(new RegExp(`sent_back +${version} .*logged .*carl`))
  expect(listed).toContain(`next: trueline models import sent_back --version ${version}, which`)
  expect(await platform.versions(MODEL, {})).toMatchObject({
    total: version - 1,
    logged: [{ version, author: 'carl' }],
  })
  const { code, json } = await asCat('models', 'import', MODEL, '--version', String(version))
  expect({ code, json }).toMatchObject({ json: { version, isNew: true, imported: { format: 'xgboost' } } })
  const { json: after } = await asCat('models', 'show', MODEL, String(version))
  expect(after).toMatchObject({
    state: 'candidate',
    servable: { evaluation: { imported: { claimed: { auc: 0.87 } } } },
  })
  expect(after.servable.evaluation.imported.from).toMatch(/\/artifacts\/model\/model\.json$/)
  for (const as of ['cat', 'carl'])
    expect(await approve(version, as)).toMatchObject({ status: 403, body: { code: 'approval_by_author' } })
  for (const as of ['anna', 'ben']) expect(await approve(version, as)).toMatchObject({ status: 200 })
  await platform.promote(MODEL, version, { name: 'ben' })
  const made = { author: 'cat', loggedBy: 'carl' }
  expect(await asCat('models', 'served', MODEL)).toMatchObject({ json: { served: { version, ...made } } })
  expect((await platform.models(MODEL)).find((one) => one.version === version)).toMatchObject(made)
  const again = await asCat('models', 'import', MODEL, '--version', String(version))
  expect(again).toMatchObject({ code: 1, json: { code: 'version_has_contract' } })
})

test('what a run logged is imported by its id, and gets the number that it was logged under', async () => {
  const id = await loggedRun('second')
  const version = await loggedVersion(id)
  const { json } = await asCat('models', 'import', MODEL, '--run', `${id}/model`)
  expect(json).toMatchObject({ version, isNew: true })
  const unknown = await asCat('models', 'import', MODEL, '--run', `${id}/other`)
  expect(unknown).toMatchObject({ code: 1, json: { code: 'unknown_artifact' } })
  await put(`${await placeOf(id)}/second/MLmodel`, 'flavors:\n  sklearn:\n    pickled_model: model.pkl\n')
  const several = await asCat('models', 'import', MODEL, '--run', id)
  expect(several).toMatchObject({ code: 1, json: { code: 'invalid_arguments' } })
  const pickled = await asCat('models', 'import', MODEL, '--run', `${id}/second`)
  expect(pickled).toMatchObject({ code: 1, json: { code: 'unsupported_model' } })
  const both = await asCat('models', 'import', MODEL, '--run', id, '--version', '1')
  expect(both).toMatchObject({ code: 1, json: { code: 'invalid_arguments' } })
})

test('what cannot be given a contract is told by its code, and stays logged', async () => {
  const id = await loggedRun('strange')
  const version = await loggedVersion(id)
  const unmatched = await asCat('models', 'import', MODEL, '--version', String(version))
  expect(unmatched).toMatchObject({ code: 1, json: { code: 'inputs_unmatched' } })
  const { servable: _, ...file } = await platform.registry.version(MODEL, version)
  expect(file).toMatchObject({ state: 'logged' })
  const place = `${await placeOf(id)}/model/model.json`
  const row = await platform.tracking.metadata.database
    .selectFrom('artifact_files')
    .select('digest')
    .where('path', '=', place)
    .executeTakeFirstOrThrow()
  await rm(platform.tracking.artifacts.path(row.digest))
  const lost = await asCat('models', 'import', MODEL, '--version', String(version))
  expect(lost).toMatchObject({ code: 2, json: { code: 'artifact_missing' } })
  expect(await platform.registry.version(MODEL, version)).toMatchObject({ state: 'logged' })
  const checked = await asCat('artifacts', 'check')
  expect(checked).toMatchObject({
    code: 1,
    json: { faults: [{ digest: row.digest, state: 'missing', neededBy: [place] }] },
  })
})

test('a tampered or deleted artifact is told by its code, and the registry stays whole', async () => {
  const before = await ask('/versions')
  const { body } = await ask('/versions/1')
  const blob = platform.tracking.artifacts.path(body.servable.parts.contract)
  await chmod(blob, 0o644)
  await writeFile(blob, '{}')
  expect(await ask('/versions/1')).toMatchObject({ status: 500, body: { code: 'artifact_corrupt' } })
  await rm(blob)
  expect(await ask('/versions/1')).toMatchObject({ status: 500, body: { code: 'artifact_missing' } })
  expect((await ask('/versions')).body).toEqual(before.body)
  expect((await ask('/served')).body.served.approvals).toHaveLength(2)
})

test('the audit log tells who did what, and a change of any entry shows', async () => {
  const { json: acts } = await asCat('audit', `${MODEL}/1`, '--limit', '3')
  expect(acts.acts).toMatchObject([{ action: 'version.approve' }, { action: 'version.approve' }, {}])
  const { json: before, code } = await asCat('audit', 'verify')
  expect({ code, before }).toMatchObject({ code: 0, before: { intact: true, head: { sequence: before.entries } } })
  const head = `${before.head.sequence}:${before.head.digest}`
  expect(await asCat('audit', 'verify', '--head', head)).toMatchObject({ code: 0 })
  expect(await asCat('audit', 'verify', '--head', 'x')).toMatchObject({ code: 1, json: { code: 'invalid_arguments' } })
  const { database } = platform.tracking.metadata
  for (const way of ['updated', 'deleted', 'replaced'])
    await sql.raw(`DROP TRIGGER audit_entries_never_${way}`).execute(database)
  const last = `sequence = (SELECT max(sequence) FROM audit_entries)`
  await sql.raw(`DELETE FROM audit_entries WHERE ${last}`).execute(database)
  expect(await asCat('audit', 'verify')).toMatchObject({ code: 0 })
  expect(await asCat('audit', 'verify', '--head', head)).toMatchObject({ code: 1, json: { intact: false } })
  await sql.raw(`UPDATE audit_entries SET by_name = 'anna' WHERE action = 'model.promote'`).execute(database)
  const broken = await run('audit', 'verify')
  expect(broken).toMatchObject({ code: 1, stdout: expect.stringMatching(/not what was written\. Entry \d+ is not/) })
})

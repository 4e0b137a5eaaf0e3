import { generateKeyPairSync } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Schema } from '../../src/core/data-type.ts'
import { asTruelineError } from '../../src/core/errors.ts'
import { MINUTE, SECOND } from '../../src/core/time.ts'
import { above, col, count, entity, features, label, model, stream, t } from '../../src/index.ts'
import { collectProject } from '../../src/language/define/collect-project.ts'
import type { ProjectDefinition } from '../../src/language/define/definitions.ts'
import { listRuns, readRun } from '../../src/models/registry/runs.ts'
import { currentServing } from '../../src/models/registry/serving-history.ts'
import { signStatement } from '../../src/models/registry/signing/signature-bundle.ts'
import { readVersion } from '../../src/models/registry/versions.ts'
import type { PredictAnswer } from '../../src/platform/api/prediction-answers.ts'
import { servePlatform } from '../../src/platform/app/serve.ts'
import { isRunning, trainingProcesses } from './child-processes.ts'
import { postJson, send } from './http.ts'
import {
  idsIn,
  importShop,
  makeHistory,
  NOW,
  openShop,
  orders,
  returns,
  sentBack,
  shop,
  temporaryFolder,
  trainAndServe,
} from './shop-fixture.ts'
import { swapAndForget } from './swap-and-forget.ts'

/** A folder with a trained shop: version 1 without windows, version 2 with them, both approved, 2 serves. */
let template: Awaited<ReturnType<typeof temporaryFolder>>

beforeAll(async () => {
  template = await temporaryFolder()
  const { platform } = await openShop({ folder: template.path })
  await importShop(platform, template.path, makeHistory())
  await trainAndServe(platform, 'sent_back', 'without_windows')
  await trainAndServe(platform, 'sent_back')
  await platform.close()
})

afterAll(async () => {
  await template[Symbol.asyncDispose]()
})

async function trainedShop() {
  const folder = await temporaryFolder()
  await cp(join(template.path, 'data'), join(folder.path, 'data'), { recursive: true })
  return folder
}

const order = { order: 'L1', customer: 'C1', product: 'P1', amount: 20, card: null, ordered_at: NOW }

test('what was answered before the end is in the log, and the same version serves after it', async () => {
  await using folder = await trainedShop()
  const { platform } = await openShop({ folder: folder.path })
  const before = await platform.predict('sent_back', [order, order])
  await platform.close()
  const { platform: again } = await openShop({ folder: folder.path })
  try {
    for (const id of idsIn(before)) expect(await again.replay(id)).toMatchObject({ same: true })
    const after = await again.predict('sent_back', [order])
    expect(after).toMatchObject({ version: 2, digest: before.digest })
    expect(await again.audit({})).toMatchObject({ checked: 3, mismatches: 0, unverifiable: 0 })
  } finally {
    await again.close()
  }
})

test('a prediction is led back to the streams that its version learnt from, and a file on to whom it concerns', async () => {
  await using folder = await trainedShop()
  const { platform } = await openShop({ folder: folder.path })
  try {
    const [id] = idsIn(await platform.predict('sent_back', [order]))
    const up = await platform.lineage({ of: id!, direction: 'up' })
    const kinds = new Set(up.nodes.map(({ kind }) => kind))
    expect(kinds).toEqual(new Set(['prediction', 'version', 'run', 'dataset', 'features', 'file', 'stream']))
    expect(up.edges).toContainEqual({ from: 'version:sent_back/2', to: `prediction:${id}` })
    expect(up.edges).toContainEqual({ from: 'run:run-2', to: 'version:sent_back/2' })
    const file = up.nodes.find(({ kind, facts }) => kind === 'file' && facts['stream'] === 'returns')!
    const down = await platform.lineage({ of: file.id, direction: 'down' })
    expect(down.impact).toMatchObject([
      { model: 'sent_back', version: 1, served: [{ to: expect.any(Number) }], predictions: 0 },
      { model: 'sent_back', version: 2, served: [{ from: expect.any(Number) }], predictions: 1 },
    ])
    expect(down.impact[1]!.served[0]).not.toHaveProperty('to')
    const windowed = up.edges.find(({ from, to }) => to === `prediction:${id}` && from.startsWith('features:'))!.from
    const used = await platform.lineage({ of: windowed, direction: 'down' })
    expect(used.nodes.map(({ id: one }) => one)).toContain('version:sent_back/2')
    expect(used.nodes.map(({ id: one }) => one)).not.toContain('version:sent_back/1')
    await expect(platform.lineage({ of: 'sent_back/9' })).rejects.toMatchObject({ code: 'unknown_lineage' })
    expect((await platform.lineage({ of: 'sent_back' })).of).toBe('version:sent_back/2')
  } finally {
    await platform.close()
  }
})

test('a version that must be signed serves with a signature alone, and no longer once its key is not taken', async () => {
  await using folder = await trainedShop()
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const { sent_back: asked, ...others } = shop.models
  const signedBy = [publicKey.export({ type: 'spki', format: 'pem' }).toString()]
  const project = { ...shop, models: { ...others, sent_back: { ...asked!, signedBy } } }
  const notes: string[] = []
  const open = (definitions: ProjectDefinition) => openShop({ folder: folder.path, project: definitions, notes })
  const { platform } = await open(project)
  expect(() => platform.predict('sent_back', [order])).toThrow(expect.objectContaining({ code: 'no_model_serving' }))
  expect(notes.join()).toContain('sent_back/2 has no signature')
  await expect(platform.promote('sent_back', 2, { name: 'ada' })).rejects.toMatchObject({ code: 'signature_missing' })
  await expect(platform.inference.load('sent_back')).rejects.toMatchObject({ code: 'signature_missing' })
  const scoring = { population: 'rows.csv', destination: 'scores.csv' }
  await expect(platform.beginScoring('sent_back', { name: 'ada' }, scoring)).rejects.toMatchObject({
    code: 'signature_missing',
  })
  const { statement } = await platform.signing.statement('sent_back', 2)
  await platform.signing.sign('sent_back', 2, signStatement(statement, privateKey), { name: 'ada' })
  await platform.promote('sent_back', 2, { name: 'ada' })
  expect(await platform.predict('sent_back', [order])).toMatchObject({ version: 2 })
  await platform.close()
  const { platform: again } = await open(project)
  expect(await again.predict('sent_back', [order])).toMatchObject({ version: 2 })
  await again.close()
})

test('a promise is held against requests of callers, not against load tests or wrong rows, and a restart forgets none', async () => {
  await using folder = await trainedShop()
  const { sent_back: asked, ...others } = shop.models
  const slo = { p99: 60 * SECOND, availability: 0.9 }
  const project = { ...shop, models: { ...others, sent_back: { ...asked!, serve: { ...asked!.serve, slo } } } }
  const { platform } = await openShop({ folder: folder.path, project, apply: true })
  await platform.predict('sent_back', [order, order, { ...order, amount: 'much' }])
  await platform.predict('sent_back', [order, { ...order, amount: 'much' }], { mode: 'loadtest' })
  await platform.predict('sent_back', [order], { mode: 'loadtest', deadline: 0 })
  await platform.predict('sent_back', [order], { deadline: 0 })
  platform.parts.protection.lose('sent_back')
  platform.parts.protection.lose('nobody')
  await platform.tick()
  const expected = [
    {
      model: 'sent_back',
      objectives: [
        { name: 'availability', target: 0.9, answers: 4, bad: 2, good: 0.5, left: expect.closeTo(-4, 9) },
        { name: 'latency', target: 0.99, bound: 60 * SECOND, answers: 2, bad: 0, good: 1, left: 1 },
      ],
    },
  ]
  expect(await platform.objectives()).toMatchObject(expected)
  expect((await platform.modelHealth('sent_back', {})).objectives).toMatchObject(expected[0]!.objectives)
  expect(await platform.objectives('refund_size')).toEqual([])
  const text = await platform.metrics()
  expect(text).toContain('trueline_slo_good_ratio{model="sent_back",objective="availability"} 0.5')
  expect(text).toContain('trueline_slo_burn_rate{model="sent_back",objective="availability",over="5m"} 5')
  await platform.close()
  const { platform: again } = await openShop({ folder: folder.path, project })
  try {
    expect(await again.objectives('sent_back')).toMatchObject(expected)
    // Of what was logged, monitors are told again what callers asked.
    expect((await again.modelHealth('sent_back', {})).service.at(-1)).toMatchObject({ n: 2 })
  } finally {
    await again.close()
  }
})

test('while versions change back and forth, each request gets an answer of one version, and each is in the log', async () => {
  await using folder = await trainedShop()
  const { platform } = await openShop({ folder: folder.path })
  const answers: PredictAnswer[] = []
  let swaps = 0
  const change = async (): Promise<void> => {
    for (; swaps < 8; swaps += 1)
      if (swaps % 2 === 0) await platform.rollback('sent_back', { name: 'ben' }, 'Drill.')
      else await platform.promote('sent_back', 2, { name: 'ben' })
  }
  // Some rows are old, so their answer takes as long as the log, and versions change meanwhile.
  platform.parts.engine.forget(NOW)
  const old = { ...order, ordered_at: NOW - 10 * 1440 * MINUTE }
  const late: Promise<PredictAnswer>[] = []
  const ask = async (): Promise<void> => {
    while (swaps < 8) {
      answers.push(await platform.predict('sent_back', [order, order]))
      if (answers.length % 40 === 0) late.push(Promise.resolve(platform.predict('sent_back', [old, order])))
      await setImmediate()
    }
  }
  await Promise.all([change(), ask()])
  answers.push(...(await Promise.all(late)))
  expect(new Set(answers.map(({ version }) => version))).toEqual(new Set([1, 2]))
  expect(late.length).toBeGreaterThan(0)
  await swapAndForget(platform, order)
  await platform.close()
  const { platform: again } = await openShop({ folder: folder.path })
  try {
    for (const answer of answers)
      for (const id of idsIn(answer)) expect(again.parts.log.readPrediction(id).layout.version).toBe(answer.version)
    const { checked, mismatches } = await again.audit({})
    expect({ checked, mismatches }).toEqual({ checked: answers.length * 2, mismatches: 0 })
    expect((await again.predict('sent_back', [order])).version).toBe(2)
  } finally {
    await again.close()
  }
})

test('a release that cannot be loaded changes neither the registry nor what serves', async () => {
  await using folder = await trainedShop()
  const { platform } = await openShop({ folder: folder.path })
  try {
    const { artifacts, metadata } = platform.parts
    const first = await readVersion(metadata, 'sent_back', 1)
    await writeFile(artifacts.path(first.manifest.scorer), 'something else')
    await expect(platform.rollback('sent_back', { name: 'ben' }, 'Try.')).rejects.toMatchObject({
      code: 'artifact_corrupt',
    })
    expect((await currentServing(metadata, 'sent_back'))?.version).toBe(2)
    expect((await platform.predict('sent_back', [order])).version).toBe(2)
  } finally {
    await platform.close()
  }
})

test('the version before is kept ready: to go back to it needs nothing from the disk', async () => {
  await using folder = await trainedShop()
  const { platform } = await openShop({ folder: folder.path })
  try {
    const { artifacts, metadata } = platform.parts
    await platform.rollback('sent_back', { name: 'ben' }, 'Try.')
    const second = await readVersion(metadata, 'sent_back', 2)
    await writeFile(artifacts.path(second.manifest.scorer), 'something else')
    await platform.promote('sent_back', 2, { name: 'ben' })
    expect((await platform.predict('sent_back', [order])).version).toBe(2)
  } finally {
    await platform.close()
  }
})

test('a version whose artifact is damaged does not keep the platform from starting, or from going back', async () => {
  await using folder = await trainedShop()
  const { platform } = await openShop({ folder: folder.path })
  const { artifacts, metadata } = platform.parts
  const path = artifacts.path((await readVersion(metadata, 'sent_back', 2)).manifest.scorer)
  await platform.close()
  await writeFile(path, 'something else')
  const notes: string[] = []
  const { platform: again } = await openShop({ folder: folder.path, notes })
  const told =
    /^sent_back v2 cannot serve: The scorer of sent_back\/2 does not match its digest: artifacts\/..\/[0-9a-f]{62} .*`trueline promote sent_back 2`.* `trueline rollback sent_back --reason WHY`\.$/
  const sentence = expect.stringMatching(told)
  expect(notes).toEqual([sentence])
  const asked = async () => again.predict('sent_back', [order])
  const refusal = await asked().then(() => undefined, asTruelineError)
  expect(refusal).toMatchObject({ code: 'no_model_serving' })
  expect(`${refusal?.message} ${refusal?.remedy}`).toMatch(told)
  expect(again.reasonsNotReady()[0]).toEqual(sentence)
  expect((await again.fleet()).models[0]).toMatchObject({ name: 'sent_back', health: 'failing', sentence })
  expect(await again.modelHealth('sent_back', {})).toMatchObject({ health: 'failing', sentence })
  expect(await again.rollback('sent_back', { name: 'ben' }, 'It is damaged.')).toMatchObject({ version: 1 })
  expect((await again.predict('sent_back', [order])).version).toBe(1)
  expect((await again.fleet()).models[0]!.sentence).toMatch(/^sent_back v1 /)
  const message = 'There is no version of sent_back to go back to: 2 was rolled back from.'
  await expect(again.rollback('sent_back', { name: 'ben' }, 'Again.')).rejects.toMatchObject({ message })
  await again.close()
})

test('where the version that was gone back to is lost, the one that was rolled back from can serve again', async () => {
  await using folder = await trainedShop()
  const { platform } = await openShop({ folder: folder.path })
  await platform.rollback('sent_back', { name: 'ben' }, 'Try.')
  const { artifacts, metadata } = platform.parts
  const path = artifacts.path((await readVersion(metadata, 'sent_back', 1)).manifest.scorer)
  await platform.promote('sent_back', 2, { name: 'ben' })
  await platform.predict('sent_back', [order, order])
  await platform.rollback('sent_back', { name: 'ben' }, 'Try again.')
  await platform.close()
  await rename(path, `${path}.aside`)
  const { platform: again } = await openShop({ folder: folder.path })
  expect(again.reasonsNotReady()[0]).toMatch(/^sent_back v1 cannot serve: The scorer of sent_back\/1 is missing: /)
  expect(await again.rollback('sent_back', { name: 'ben' }, 'Its scorer is lost.')).toMatchObject({ version: 2 })
  expect((await again.fleet()).models[0]).toMatchObject({ version: 2, predictions: { lastHour: 2 } })
  expect((await again.predict('sent_back', [order])).version).toBe(2)
  await rename(`${path}.aside`, path)
  expect(await again.rollback('sent_back', { name: 'ben' }, 'It is back.')).toMatchObject({ version: 1 })
  await again.close()
})

test('of two who roll back at once, one is told that nothing else has served before', async () => {
  await using folder = await trainedShop()
  const { platform } = await openShop({ folder: folder.path })
  try {
    const both = await Promise.allSettled(
      ['ben', 'eve'].map((name) => platform.rollback('sent_back', { name }, 'Try.')),
    )
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect((both[1] as PromiseRejectedResult).reason).toMatchObject({ code: 'no_previous_version' })
    expect((await currentServing(platform.parts.metadata, 'sent_back'))?.version).toBe(1)
    expect((await platform.predict('sent_back', [order])).version).toBe(1)
  } finally {
    await platform.close()
  }
})

test('the end breaks off a training and its process, answers who waits for it, and the run goes on after it', async () => {
  await using folder = await trainedShop()
  const { platform } = await openShop({ folder: folder.path })
  const server = await servePlatform(platform, { port: 0 })
  const waiting = postJson(`${server.url}/api/v1/models/sent_back/train`, { as: 'ann' })
  const queued = platform.train('sent_back', { name: 'eve' })
  const refused = expect(queued).rejects.toMatchObject({ code: 'platform_stopped' })
  while (trainingProcesses().length === 0) await setImmediate()
  const [pid] = trainingProcesses()
  await server.close()
  expect(await waiting).toMatchObject({ status: 503, body: { code: 'platform_stopped' } })
  await refused
  await platform.close()
  expect(isRunning(pid!)).toBe(false)
  const { platform: again } = await openShop({ folder: folder.path })
  try {
    const [newest] = (await listRuns(again.parts.metadata)).items
    expect(newest).toMatchObject({ status: 'running' })
    expect(existsSync(join(folder.path, 'data', 'work'))).toBe(false)
    expect((await again.train('sent_back', { name: 'ann' })).version).toBe(2)
    expect(await readRun(again.parts.metadata, newest!.id)).toMatchObject({ status: 'succeeded' })
  } finally {
    await again.close()
  }
})

test('a training process that is killed is begun again, three times at most, and serving goes on', async () => {
  await using folder = await trainedShop()
  const { platform } = await openShop({ folder: folder.path })
  try {
    const killed = new Set<number>()
    const training = platform.train('sent_back', { name: 'ann' })
    const failed = expect(training).rejects.toMatchObject({
      code: 'training_killed',
      message: expect.stringContaining('SIGKILL'),
    })
    while (killed.size < 3) {
      await setImmediate()
      for (const pid of trainingProcesses().filter((one) => !killed.has(one))) {
        process.kill(pid, 'SIGKILL')
        killed.add(pid)
      }
    }
    await failed
    const [newest] = (await listRuns(platform.parts.metadata)).items
    expect(newest).toMatchObject({ status: 'failed', error: { code: 'training_killed' } })
    expect(idsIn(await platform.predict('sent_back', [order]))[0]).toMatch(/^p/)
    expect((await platform.train('sent_back', { name: 'ann' })).version).toBe(2)
  } finally {
    await platform.close()
  }
})

test('after the end nothing is taken any more, by code', async () => {
  await using folder = await trainedShop()
  const { platform } = await openShop({ folder: folder.path })
  const server = await servePlatform(platform, { port: 0 })
  platform.stop()
  const stopped = { status: 503, body: { code: 'platform_stopped' } }
  expect(await send(`${server.url}/health/ready`)).toMatchObject({ status: 503 })
  expect(await postJson(`${server.url}/v1/models/sent_back/predict`, { rows: [order] })).toMatchObject(stopped)
  expect(await postJson(`${server.url}/v1/streams/orders/events`, [order])).toMatchObject(stopped)
  expect(await send(`${server.url}/api/v1/fleet`)).toMatchObject(stopped)
  await server.close()
  await platform.close()
})

test('a redelivery after a restart is a duplicate, also of an event that was known long before its time', async () => {
  await using folder = await temporaryFolder()
  const plans = stream('plans', {
    ...{ key: 'plan', time: 'at', ahead: '30d', schema: { plan: t.string(), at: t.timestamp() } },
  })
  const project: ProjectDefinition = collectProject([plans, sentBack])
  const day = 86_400 * SECOND
  const far = { plan: 'far', at: NOW + 20 * day }
  const { platform, clock } = await openShop({ folder: folder.path, project })
  expect(await platform.ingest('plans', [far])).toMatchObject({ accepted: 1 })
  await platform.parts.lake.flush()
  clock.advanceTo(NOW + 19 * day)
  expect(await platform.ingest('plans', [{ plan: 'near', at: NOW + 19 * day }])).toMatchObject({ accepted: 1 })
  await platform.parts.lake.flush()
  await platform.close()
  const { platform: again } = await openShop({ folder: folder.path, project, now: NOW + 19 * day })
  try {
    expect(await again.ingest('plans', [far])).toMatchObject({ accepted: 0, duplicates: 1 })
  } finally {
    await again.close()
  }
})

test('changed definitions are refused with what changed, and applied when that is asked for', async () => {
  await using folder = await trainedShop()
  const customer = entity('customer', { customer: t.string() })
  const changed = collectProject([
    model('sent_back', {
      ...{
        predicts: sentBack.predicts,
        at: orders,
        time: 'ordered_at',
        trainer: sentBack.trainer,
        split: sentBack.split,
        serve: { decision: above(0.3, 'ask', 'ship'), fallback: 'ship' },
        // It knows less than what serves, and that is meant.
        gate: { champion: { margin: 0.5 } },
      },
      features: [
        features('customer_orders', { entity: customer, from: orders, select: { orders_2d: count().over('1d') } }),
        orders.pick('amount'),
      ],
      label: label(returns, col('refund').gt(0)).on('order').within('2d').absent(false),
    }),
  ])
  await expect(openShop({ folder: folder.path, project: changed })).rejects.toMatchObject({
    code: 'definitions_changed',
    message: expect.stringMatching(/features 'customer_orders' changed.*model 'refund_size' removed/),
    remedy: expect.stringContaining('up --apply'),
  })
  const notes: string[] = []
  const { platform } = await openShop({ folder: folder.path, project: changed, apply: true, notes })
  try {
    expect(notes[0]).toMatch(/^Applied: .*'customer_orders' changed/)
    expect(notes).toHaveLength(1)
    // What serves keeps the features that it was trained with; what is trained now reads those in force.
    expect(await platform.predict('sent_back', [order])).toMatchObject({ version: 2 })
    expect(await trainAndServe(platform, 'sent_back')).toBeGreaterThan(2)
    expect(idsIn(await platform.predict('sent_back', [order]))[0]).toMatch(/^p/)
  } finally {
    await platform.close()
  }
  await expect(openShop({ folder: folder.path })).rejects.toMatchObject({ code: 'definitions_changed' })
  const { platform: back } = await openShop({ folder: folder.path, apply: true })
  await back.close()
})

test('predictions from before a change of definitions are still recomputed by the old ones', async () => {
  await using folder = await trainedShop()
  const { platform } = await openShop({ folder: folder.path })
  const ids = idsIn(await platform.predict('sent_back', [order]))
  await platform.close()
  const project = { ...shop, models: { sent_back: { ...sentBack, features: sentBack.features.slice(0, 1) } } }
  const { platform: again } = await openShop({ folder: folder.path, project, apply: true })
  try {
    expect(await again.replay(ids[0]!)).toMatchObject({ same: true })
    expect(await again.audit({})).toMatchObject({ checked: 1, mismatches: 0 })
  } finally {
    await again.close()
  }
})

test('columns may come and go, types may not, and a stream goes with what was taken of it in the lake', async () => {
  await using folder = await trainedShop()
  const { platform } = await openShop({ folder: folder.path })
  expect(await platform.ingest('orders', [order])).toMatchObject({ accepted: 1 })
  await platform.close()
  const withSchema = (schema: Schema): ProjectDefinition => ({
    ...shop,
    streams: { ...shop.streams, orders: { ...shop.streams['orders']!, schema } },
  })
  const retyped = withSchema({ ...orders.schema, card: { type: 'int', nullable: true } })
  await expect(openShop({ folder: folder.path, project: retyped, apply: true })).rejects.toMatchObject({
    ...{ code: 'definitions_changed', path: 'orders.card', message: expect.stringContaining('cannot become int') },
  })
  const { card, ...withoutCard } = orders.schema
  const changed = withSchema({ ...withoutCard, channel: { type: 'string', nullable: true } })
  const { platform: second } = await openShop({ folder: folder.path, project: changed, apply: true })
  const { card: _, ...rest } = order
  expect(await second.ingest('orders', [{ ...rest, order: 'L2', channel: 'shop' }])).toMatchObject({ accepted: 1 })
  expect((await second.train('sent_back', { name: 'ann' })).dataset.rows).toBe(1066)
  expect(idsIn(await second.predict('sent_back', [rest]))[0]).toMatch(/^p/)
  expect(await second.audit({})).toMatchObject({ mismatches: 0 })
  await second.close()
  const only = collectProject([
    model('due', {
      ...{ predicts: 'nothing much', at: returns, time: 'returned_at', features: [returns.pick('line')] },
      label: label(returns, col('refund').gt(0)).on('order').within('1d').absent('exclude'),
      split: sentBack.split,
    }),
  ])
  const { platform: third } = await openShop({ folder: folder.path, project: only, apply: true })
  await third.parts.lake.flush()
  await third.close()
})

test('an end breaks off searches that wait for their turn', async () => {
  await using folder = await trainedShop()
  const { platform } = await openShop({ folder: folder.path })
  platform.parts.reading.moveOut()
  const searches = Array.from({ length: 50 }, () => platform.experiments.runs({ experiment: 'sent_back' }))
  const answers = Promise.allSettled(searches)
  await platform.close()
  const stopped = { status: 'rejected', reason: expect.objectContaining({ code: 'platform_stopped' }) }
  expect(await answers).toEqual(Array.from(searches, () => stopped))
})

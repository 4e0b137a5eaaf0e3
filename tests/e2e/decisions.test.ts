import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Digest } from '../../src/core/digest.ts'
import { HOUR, SECOND } from '../../src/core/time.ts'
import { MASK } from '../../src/data/quality/mask-row.ts'
import { listAudit, recordAct } from '../../src/governance/audit-log.ts'
import { assertedIdentity } from '../../src/governance/identity.ts'
import { limits } from '../../src/index.ts'
import { createCalibrator } from '../../src/models/inference/calibration.ts'
import { createVectorEncoder, decodeEncoders } from '../../src/models/inference/encoders.ts'
import { decodeForest } from '../../src/models/inference/forest-codec.ts'
import { createForestScorer } from '../../src/models/inference/forest-scorer.ts'
import { readVersion } from '../../src/models/registry/versions.ts'
import type { Evaluation } from '../../src/models/training/evaluate.ts'
import { readParity } from '../../src/operate/readiness/parity-record.ts'
import { createModelServing } from '../../src/operate/serving/model-serving.ts'
import { createProtection } from '../../src/operate/serving/protection/protection.ts'
import { createVectorScoring } from '../../src/operate/serving/vector-scoring.ts'
import type {
  PredictAnswer,
  PredictionAnswer,
  PredictOptions,
  ScoredAnswer,
} from '../../src/platform/api/prediction-answers.ts'
import { decideByHand, listDecisions, restoreHandRules, revokeHandRule } from '../../src/platform/app/decisions.ts'
import { explainRows } from '../../src/platform/app/explain-rows.ts'
import { createExplaining, type Explaining } from '../../src/platform/app/explaining.ts'
import type { OwnedPlatform } from '../../src/platform/app/open-platform.ts'
import { createPastVectors } from '../../src/platform/app/past-vectors.ts'
import { predictRows } from '../../src/platform/app/predict-rows.ts'
import { readPrediction } from '../../src/platform/app/recorded.ts'
import { applyIsotonic, type IsotonicCalibration } from '../../src/stats/calibration/isotonic.ts'
import { openDuckdb } from '../../src/stores/lake/duckdb.ts'
import { project } from './decided-shop.ts'
import { importShop, makeHistory, NOW, openShop, temporaryFolder, trainAndServe } from './shop-fixture.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let platform: OwnedPlatform

beforeAll(async () => {
  folder = await temporaryFolder()
  ;({ platform } = await openShop({
    folder: folder.path,
    project,
    base: folder.path,
  }))
  await importShop(platform, folder.path, makeHistory())
  await trainAndServe(platform, 'sent_back')
})

afterAll(async () => {
  await platform.close()
  await folder[Symbol.asyncDispose]()
})

const order = (changes: object = {}) => ({
  ...{ order: 'N1', customer: 'C6', product: 'P1', amount: 90, ordered_at: NOW - HOUR },
  ...changes,
})

async function predict(...rows: readonly object[]): Promise<ScoredAnswer[]> {
  const { predictions } = await platform.predict('sent_back', rows)
  return predictions.map((one) => {
    if ('score' in one) return one
    throw new Error(JSON.stringify(one))
  })
}

/** A refusal that was scored and waits for its reasons. */
function keptAnswer(options: PredictOptions) {
  const served = platform.parts.servings.get('sent_back')!.served!
  const rows = explainRows(served, 1, options, { ...platform.parts, explaining: createExplaining(platform.parts) })!
  const values = new Float64Array(served.plan.inputs.length)
  const vector = { values, statuses: new Uint8Array(), partitions: new Uint8Array(), offsets: new Float64Array() }
  const answer = { prediction_id: 'p1', score: 0.7, decision: 'refuse', reasons: [{ code: 'likely' }] }
  const given = { id: 'p1', score: 0.7, probabilities: undefined, vector }
  rows.keep(answer, { ...given, verdict: { decision: 'refuse', decidedBy: undefined } })
  return { rows, answer, predictions: [answer] as PredictionAnswer[] }
}

test('what is answered is calibrated, and so are the evaluation and its curve', async () => {
  const { manifest, evaluation } = await readVersion(platform.parts.metadata, 'sent_back', 2)
  const calibration = JSON.parse(Buffer.from(await platform.parts.artifacts.get(manifest.calibration!)).toString())
  const levels = new Set((calibration as IsotonicCalibration).probabilities)
  const scored = await predict(order(), order({ product: 'P7', customer: 'C2' }))
  for (const { score } of scored) {
    expect(score).toBeGreaterThanOrEqual(Math.min(...levels))
    expect(score).toBeLessThanOrEqual(Math.max(...levels))
  }
  const { calibration: after, uncalibrated } = evaluation as Evaluation
  expect(after!.error).toBeGreaterThanOrEqual(0)
  expect(uncalibrated!.error).not.toBe(after!.error)
  expect(after!.curve.every(({ predicted }) => predicted <= Math.max(...levels))).toBe(true)
  expect(applyIsotonic(calibration as IsotonicCalibration, 1)).toBe(Math.max(...levels))
})

test('a rule by hand decides for its key, in every mode, until it ends, and what it decided can be made again', async () => {
  const [before] = await predict(order())
  const rule = await platform.decide(
    'sent_back',
    { key: { customer: 'C6' }, decision: 'call', for: 2 * HOUR },
    { name: 'ann' },
    'Known to us.',
  )
  expect(rule).toMatchObject({
    number: 1,
    key: { customer: 'C6' },
    state: 'in_force',
    by: 'ann',
    until: NOW + 2 * HOUR,
  })
  const [blocked, other] = await predict(order({ amount: 950 }), order({ customer: 'C5' }))
  expect(blocked).toMatchObject({ decision: 'call', overridden_by: 'hand:1' })
  expect(other).not.toHaveProperty('overridden_by')
  const scoring = createVectorScoring(platform.parts.servings.get('sent_back')!.served!)
  expect(scoring.rowColumns).toContain('customer')
  expect(await platform.decisions({})).toHaveLength(1)
  const revoked = await platform.revokeDecision(1, { name: 'ben' }, 'A mistake.')
  expect(revoked).toMatchObject({ state: 'revoked', revoked: { by: 'ben', reason: 'A mistake.' } })
  expect((await predict(order()))[0]!.decision).toBe(before!.decision)
  expect(await platform.decisions({})).toEqual([])
  expect(await platform.decisions({ all: true })).toHaveLength(1)
  const said = { decision: 'call', decidedBy: 'hand:1' }
  expect(await platform.replay(blocked!.prediction_id)).toMatchObject({ same: true, replayed: said })
  await expect(platform.revokeDecision(1, { name: 'ben' }, 'Again.')).rejects.toMatchObject({ code: 'hand_rule_ended' })
  await expect(platform.revokeDecision(7, { name: 'ben' }, 'None.')).rejects.toMatchObject({
    code: 'unknown_hand_rule',
  })
  for (const wrong of [
    { key: { customer: 'C6' }, decision: 'cal' },
    { key: {}, decision: 'call' },
    { key: { custmer: 'C6' }, decision: 'call' },
    { key: { card: '4000-1' }, decision: 'call' },
  ])
    await expect(platform.decide('sent_back', wrong, { name: 'ann' }, 'Why.')).rejects.toMatchObject({
      code: 'invalid_arguments',
    })
})

test('a rule by hand is in force again after a restart, and over when its time is', async () => {
  await platform.decide('sent_back', { key: { customer: 'C6' }, decision: 'call' }, { name: 'ann' }, 'For good.')
  await platform.decide(
    'sent_back',
    { key: { customer: 'C5' }, decision: 'call', for: 1 },
    { name: 'ann' },
    'For long.',
  )
  await platform.close()
  const opened = await openShop({ folder: folder.path, project, base: folder.path, now: NOW + HOUR })
  ;({ platform } = opened)
  const [held, over] = await predict(order(), order({ customer: 'C5' }))
  expect(held!.overridden_by).toBe('hand:2')
  expect(over).not.toHaveProperty('overridden_by')
  const twice = ['ann', 'ben'].map((name) => platform.revokeDecision(2, { name }, 'Done.'))
  expect((await Promise.allSettled(twice)).map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  expect((await predict(order()))[0]).not.toHaveProperty('overridden_by')
  const page = async (offset: number) =>
    (await platform.decisions({ all: true, limit: 2, offset })).map(({ number, state }) => [number, state])
  expect(await page(0)).toEqual([
    [3, 'over'],
    [2, 'revoked'],
  ])
  expect(await page(2)).toEqual([[1, 'revoked']])
  // What is over is not looked for with every row any more.
  expect(platform.parts.servings.get('sent_back')!.hand!.columns).toEqual([])
})

test('a prediction is overridden after the fact: the trace says by whom, and what was served stays', async () => {
  const [one] = await predict(order())
  const id = one!.prediction_id
  const override = await platform.overridePrediction(id, 'call', { name: 'ann' }, 'The customer rang us.')
  expect(override).toMatchObject({ decision: 'call', by: 'ann' })
  const { prediction, overrides } = await platform.trace(id)
  expect(prediction.decision).toBe(one!.decision)
  expect(overrides).toEqual([override])
  expect(await platform.replay(id)).toMatchObject({ same: true })
  const other = (await predict(order()))[0]!.prediction_id
  await platform.overridePrediction(other, 'ask', { name: 'ben' }, 'A new customer.')
  const first = await platform.predictionOverrides({ limit: 1 })
  expect(first.overrides).toMatchObject([{ prediction: other, model: 'sent_back', decision: 'ask', by: 'ben' }])
  expect(await platform.predictionOverrides({ limit: 1, cursor: first.next! })).toEqual({
    overrides: [{ ...override, prediction: id, model: 'sent_back' }],
    next: null,
  })
  expect((await platform.predictionOverrides({ model: 'other' })).overrides).toEqual([])
  const { overrides: ofOne } = await platform.predictionOverrides({ prediction: id })
  expect(ofOne.map(({ by }) => by)).toEqual(['ann'])
  const refused = (decision: string, of = id) => platform.overridePrediction(of, decision, { name: 'ann' }, 'Why.')
  await expect(refused('cal')).rejects.toMatchObject({ code: 'invalid_arguments' })
  await expect(refused('call', 'pzzz-0')).rejects.toMatchObject({ code: 'unknown_prediction' })
})

test('an answer says why, in codes that the definition names, when that is asked for', async () => {
  const rows = [order({ amount: 950 }), order({ customer: 'C999' }), order()]
  const { predictions } = await platform.predict('sent_back', rows, { reasons: true })
  const [large, unknown, plain] = predictions.map((one) => ('score' in one ? one.reasons : undefined))
  expect(large).toEqual([{ code: 'large', text: 'Large orders are called about.' }])
  expect(unknown).toEqual([
    { code: 'missing_features', text: expect.stringMatching(/^'customer_orders\.\w+' is missing\.$/) },
  ])
  expect(plain!.length).toBeGreaterThan(0)
  expect(['likely', 'ask', 'ship']).toContain(plain![0]!.code)
  expect((await predict(order()))[0]).not.toHaveProperty('reasons')
})

test('a score is explained by what each input moved it, when that is asked for and when it is traced', async () => {
  const rows = Array.from({ length: 40 }, (_, index) =>
    order({ customer: `C${index % 8}`, product: `P${index % 9}`, amount: 20 * index + 5 }),
  )
  const ask = async (options: object): Promise<PredictAnswer> => await platform.predict('sent_back', rows, options)
  const { predictions } = await ask({ explain: 3, reasons: true })
  const scored = predictions as readonly ScoredAnswer[]
  const version = await readVersion(platform.parts.metadata, 'sent_back', 2)
  const read = (digest: Digest) => platform.parts.artifacts.get(digest)
  const forest = createForestScorer(decodeForest(await read(version.manifest.scorer)))
  const encoder = createVectorEncoder(decodeEncoders(await read(version.manifest.encoders)))
  for (const { prediction_id, explanation, decision, reasons, overridden_by } of scored) {
    const traced = await platform.trace(prediction_id)
    if ('error' in explanation! || 'error' in traced.explanation) throw new Error('It is not explained.')
    const { base, margin, contributions, others } = explanation!
    expect(contributions).toHaveLength(3)
    expect(traced.explanation.contributions.slice(0, 3)).toEqual(contributions)
    const sum = traced.explanation.contributions.reduce((all, one) => all + one.contribution, base)
    expect(sum).toBeCloseTo(margin, 12)
    expect(contributions.reduce((all, one) => all + one.contribution, base + others!.contribution)).toBeCloseTo(
      margin,
      12,
    )
    const logged = await readPrediction(platform.parts, prediction_id)
    const encoded = new Float64Array(encoder.values.length)
    encoder.encode(logged.values, 0, encoded)
    expect(margin).toBeCloseTo(forest.marginRow(encoded, 0), 5)
    const isOwed = overridden_by === undefined && decision !== 'ship'
    const towards = traced.explanation.contributions.filter(({ contribution }) => contribution > 0).slice(0, 2)
    const expected = towards.map(({ feature, contribution }) => ({
      ...{ code: 'raised_by', feature, contribution },
      ...(feature === 'amount' ? { text: 'What the order costs.' } : {}),
    }))
    expect(reasons!.slice(1)).toEqual(isOwed ? expected : [])
    expect(traced.adverse ?? []).toEqual(isOwed ? expected : [])
  }
  expect(scored.filter(({ reasons }) => reasons!.length > 1).length).toBeGreaterThan(3)
  expect(scored.filter(({ decision }) => decision === 'ship').length).toBeGreaterThan(3)
  const [plain] = (await ask({})).predictions
  expect(plain).not.toHaveProperty('explanation')
})

test('the card of what serves says what it decides, and how many rules by hand there are', async () => {
  const card = await platform.card('sent_back')
  expect(card.rulesByHand).toBe(0)
  expect(card.sections.find(({ title }) => title === 'Decision')!.lines).toEqual([
    ...["score above 0.6: 'refuse' (likely)", "score above 0.3: 'ask'", "else: 'ship'"],
  ])
  const [, ...inputs] = card.sections.find(({ title }) => title === 'What moves its scores')!.lines
  expect(inputs[0]).toMatch(/^[\w.() ]+: [\d.]+, [\d.]+% of the gain$/)
  await expect(platform.card('sent')).rejects.toMatchObject({ code: 'unknown_model' })
})

test('bands, rules and what is missing decide, and the answer, the log and the replay say which', async () => {
  const served = platform.parts.servings.get('sent_back')!.served!
  const [plain, large, unknown] = await predict(order(), order({ amount: 950 }), order({ customer: 'C999' }))
  expect(plain).not.toHaveProperty('overridden_by')
  expect(plain!.decision).toBe(plain!.score > 0.6 ? 'refuse' : plain!.score > 0.3 ? 'ask' : 'ship')
  expect(large).toMatchObject({ decision: 'call', overridden_by: 'rule:large' })
  expect(unknown!.decision).toBe('ask')
  expect(unknown!.overridden_by).toMatch(/^missing:customer_orders\./)
  const invalid = await platform.predict('sent_back', [order({ amount: -1 })])
  expect(invalid.predictions[0]).toMatchObject({ error: { code: 'out_of_range' }, decision: 'hold' })
  for (const { prediction_id, score, decision, overridden_by } of [plain!, large!, unknown!]) {
    const said = { score, decision, ...(overridden_by === undefined ? {} : { decidedBy: overridden_by }) }
    expect(await platform.replay(prediction_id)).toMatchObject({ same: true, served: said, replayed: said })
    const { prediction } = await platform.trace(prediction_id)
    expect(prediction).toMatchObject(said)
    expect(createCalibrator(served.calibration)(prediction.raw!)).toBe(score)
  }
})

test('readiness is computed from what is on record, and a rebuild counts for the very version that it was of', async () => {
  const stateOf = async (number: number) => (await platform.readiness.of('sent_back')).requirements[number - 1]!.state
  expect(await stateOf(1)).toBe('unknown')
  const { digest } = await platform.readiness.of('sent_back')
  const kept = (evidence: object) =>
    platform.readiness.keepRebuild('sent_back', { version: 2, digest, verdict: 'equal', ...evidence }, { name: 'ann' })
  await expect(kept({ digest: `sha256:${'0'.repeat(64)}` })).rejects.toMatchObject({ code: 'invalid_arguments' })
  await kept({ verdict: 'differs' })
  expect(await stateOf(1)).toBe('fail')
  await kept({})
  // However much is done to the version afterwards.
  const act = { by: assertedIdentity('ben'), at: NOW, action: 'version.note', target: 'sent_back/2' }
  await platform.parts.metadata.database.transaction().execute(async (transaction) => {
    for (let number = 0; number < 101; number += 1) await recordAct(transaction, act)
  })
  const [rebuilt] = (await platform.readiness.of('sent_back')).requirements
  expect(rebuilt).toMatchObject({ state: 'pass', because: expect.stringContaining('equal to the bit, says ann.') })
  const again = await platform.readiness.rebuild('sent_back', 2, { name: 'cy' })
  expect(again).toMatchObject({ model: 'sent_back', version: 2, digest, rebuilt: digest, verdict: 'equal', parts: [] })
  const { requirements } = await platform.readiness.of('sent_back')
  expect(requirements[0]!.because).toContain('made again here as cy asked')
  // What was found here is not covered by what somebody says afterwards.
  await kept({ verdict: 'differs' })
  expect((await platform.readiness.of('sent_back')).requirements[0]!.because).toContain('made again here as cy asked')
  expect(await stateOf(2)).toBe('pass')
  expect(await stateOf(10)).toBe('fail')
  expect(await stateOf(4)).toBe('unknown')
  const { checked } = await platform.audit({ model: 'sent_back' })
  expect(await stateOf(4)).toBe('pass')
  expect(await readParity(platform.parts.metadata, 'sent_back')).toMatchObject({ checked, mismatches: 0 })
  await expect(platform.readiness.of('sent')).rejects.toMatchObject({ code: 'unknown_model' })
})

test('an image that was started and runbooks that were drilled are evidence of readiness, by whom it says', async () => {
  const { readiness } = platform
  const shown = async (number: number) => {
    const { state, because } = (await readiness.of('sent_back')).requirements[number - 1]!
    return [state, because]
  }
  const ann = { name: 'ann' }
  const { digest } = await readiness.of('sent_back')
  const image = `shop/sent-back@sha256:${'a'.repeat(64)}`
  const about = { version: 2, digest }
  expect(await shown(7)).toEqual(['unknown', expect.stringContaining('not packed')])
  await readiness.keepPackage('sent_back', { ...about, bill: digest, image: 'sent-back:v2' }, ann)
  expect(await shown(7)).toEqual(['unknown', expect.stringContaining('written by ann')])
  await readiness.keepImage('sent_back', { ...about, image, verdict: 'ready' }, ann)
  expect(await shown(7)).toEqual(['pass', `${image} was ready with it, after its golden predictions, says ann.`])
  await readiness.keepImage('sent_back', { ...about, image, verdict: 'failed', reason: 'It ran out of memory.' }, ann)
  expect(await shown(7)).toEqual(['fail', `${image} does not serve it, says ann.`])
  const other = { ...about, digest: `sha256:${'0'.repeat(64)}`, image, verdict: 'ready' as const }
  await expect(readiness.keepImage('sent_back', other, ann)).rejects.toMatchObject({ code: 'invalid_arguments' })

  expect(await shown(12)).toEqual(['unknown', expect.stringContaining('no drill')])
  const drill = { runbook: 'data_drift', reason: 'A column was sent in other units.' }
  await readiness.keepDrill({ ...drill, went: 'badly' }, ann)
  expect(await shown(12)).toEqual(['fail', 'The newest drill of data_drift went badly, says ann.'])
  await readiness.keepDrill({ ...drill, went: 'well' }, ann)
  expect(await shown(12)).toEqual(['pass', expect.stringMatching(/^In 90 days 1 of \d+ runbooks were drilled/)])
  await expect(readiness.keepDrill({ ...drill, runbook: 'drift', went: 'well' }, ann)).rejects.toMatchObject({
    code: 'not_found',
  })
  const { items } = await listAudit(platform.parts.metadata.database, { action: 'runbook.drill' })
  expect(items[0]).toMatchObject({ target: 'data_drift', reason: drill.reason, after: { went: 'well' }, by: ann })
})

test('reasons are given of so many rows at once, and those that come too late leave the answers as they are', async () => {
  const many = Array.from({ length: 1001 }, () => order())
  const before = platform.parts.servings.get('sent_back')!.counts.predictions
  for (const options of [{ reasons: true }, { explain: true }])
    await expect((async () => await platform.predict('sent_back', many, options))()).rejects.toMatchObject({
      ...{ code: 'invalid_request', path: Object.keys(options)[0], remedy: expect.stringContaining('fewer rows') },
    })
  expect(platform.parts.servings.get('sent_back')!.counts.predictions).toBe(before)
  const { predictions: plain } = await platform.predict('sent_back', many.slice(1), { reasons: true })
  expect(plain).toHaveLength(1000)
  const { rows, answer, predictions } = keptAnswer({ explain: true, reasons: true, deadline: 0 })
  await rows.explain(predictions)
  expect(predictions).toEqual([
    {
      ...answer,
      reasons: [{ code: 'likely' }, { code: 'deadline_exceeded', text: expect.any(String) }],
      explanation: expect.objectContaining({ code: 'deadline_exceeded' }),
    },
  ])
})

test('batches and streams give the reasons that an answer over HTTP gives for the same row', async () => {
  const rows = Array.from({ length: 30 }, (_, index) =>
    order({ order: `R${index}`, customer: `C${index % 8}`, product: `P${index % 9}`, amount: 33 * index + 5 }),
  )
  const { predictions } = await platform.predict('sent_back', rows, { reasons: true })
  const reasons = (predictions as readonly ScoredAnswer[]).map((one) => one.reasons)
  expect(reasons.filter((list) => list!.some(({ code }) => code === 'raised_by')).length).toBeGreaterThan(3)
  expect(reasons.filter((list) => list!.length === 1).length).toBeGreaterThan(3)

  await writeFile(join(folder.path, 'data/asked.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  await platform.runBatch('with_reasons', { name: 'ann' })
  const duckdb = await openDuckdb({ threads: 1, temporaryFolder: join(folder.path, 'temporary') })
  const written = await duckdb.withConnection(async (connection) => {
    const sql = `SELECT reasons FROM '${join(folder.path, 'data/with_reasons.parquet')}'`
    return (await connection.runAndReadAll(sql)).getRows().map(([text]) => JSON.parse(text as string))
  })
  duckdb.close()
  expect(written).toEqual(reasons)
  await platform.runBatch('to_table', { name: 'ann' })
  const database = new DatabaseSync(join(folder.path, 'data/with_reasons.db'))
  const texts = database.prepare('SELECT reasons FROM scores').all()
  database.close()
  expect(texts.map((row) => JSON.parse(row['reasons'] as string))).toEqual(reasons)

  platform.parts.streaming.start()
  await platform.ingest('orders', [...rows, order({ order: 'R30', amount: -1 })])
  await platform.parts.streaming.advance()
  const { answers } = await platform.streamAnswers('sent_back', { after: -1, limit: 100, wait: 0 })
  expect(answers.map((answer) => answer.reasons)).toEqual(reasons)
})

test('scores that wait for the disk are on their way there while they are explained, and are answered however long that takes', async () => {
  const { parts } = platform
  let elapsed = 0
  const clock = { now: platform.clock.now, elapsed: () => elapsed }
  const { engine, tables, log } = parts
  const serving = createModelServing({
    ...{ name: 'sent_back', state: { engine, tables }, log, clock, sync: true },
    ...{ onShed: () => undefined, onUnsampled: () => undefined },
    observerOf: () => ({ observe: () => undefined, failed: () => undefined }),
  })
  serving.prepare(parts.servings.get('sent_back')!.served!)()
  const explaining: Explaining = {
    async of(version) {
      expect(serving.pending).toBe(0)
      await log.drained()
      elapsed = 2 * SECOND
      return await parts.explaining.of(version)
    },
  }
  const protection = createProtection(limits(), clock)
  const asked = { ...{ clock, protection, explaining, log, engine }, past: createPastVectors(parts) }
  const { predictions } = await predictRows(serving, [order()], { explain: true, deadline: SECOND }, asked)
  const explanation = expect.objectContaining({ code: 'deadline_exceeded' })
  expect(predictions).toEqual([expect.objectContaining({ score: expect.any(Number), explanation })])
})

test('figures that cannot be read are left out of the metrics, and it is logged once', async () => {
  const { metadata, logger } = platform.parts
  const logged = vi.spyOn(logger, 'error')
  const family = 'trueline_retraining_outcomes_total'
  await sql`ALTER TABLE retraining_outcomes RENAME TO away`.execute(metadata.database)
  await platform.measure()
  const texts = [await platform.metrics(), await platform.metrics()]
  for (const text of texts) expect(text).toContain('trueline_predictions_total{model="sent_back"}')
  expect(
    logged.mock.calls.filter(([about]) => (about as unknown as { metric: string }).metric === family),
  ).toHaveLength(1)
  await sql`ALTER TABLE away RENAME TO retraining_outcomes`.execute(metadata.database)
  await platform.metrics()
  logged.mockRestore()
})

test('a version that was made before anything was kept to explain it says so by a code, and answers all the same', async () => {
  const { metadata } = platform.parts
  await sql`DROP TRIGGER model_versions_never_updated`.execute(metadata.database)
  await sql`UPDATE model_versions SET attachments = json_remove(attachments, '$.explanation')`.execute(
    metadata.database,
  )
  const { rows, answer, predictions } = keptAnswer({ explain: true, reasons: true })
  await rows.explain(predictions)
  expect(predictions).toEqual([
    {
      ...answer,
      reasons: [{ code: 'likely' }, { code: 'explanation_unavailable', text: expect.stringContaining('sent_back/2') }],
      explanation: expect.objectContaining({ code: 'explanation_unavailable', path: 'sent_back/2' }),
    },
  ])
})

test('no rule keeps the value of a column that is masked or sensitive, and one from before shows it to nobody', async () => {
  const { parts } = platform
  const { sent_back: model } = parts.project.models
  const log = { sync: false, mask: ['customer'] }
  const masked = { ...parts.project, models: { sent_back: { ...model!, serve: { ...model!.serve, log } } } }
  const inMasked = { ...parts, project: masked }
  const ann = assertedIdentity('ann')
  const asked = { key: { customer: 'C6' }, decision: 'call' }
  const { number } = await decideByHand(parts, 'sent_back', asked, ann, 'Known to us.')
  await expect(decideByHand(inMasked, 'sent_back', asked, ann, 'Again.')).rejects.toMatchObject({
    code: 'invalid_arguments',
    path: 'customer',
  })
  expect(await listDecisions(inMasked, {})).toMatchObject([{ number, key: { customer: MASK } }])
  // The audit log cannot be changed, so whoever starts the platform is told.
  const notes: string[] = []
  const inNone = { ...inMasked, servings: new Map() }
  await restoreHandRules(inNone, (text) => notes.push(text))
  expect(notes).toHaveLength(1)
  expect(notes[0]).toMatch(new RegExp(`^Rules? .*\\b${number} by hand of 'sent_back': .* 'customer' was masked`))
  expect(notes[0]).not.toContain('C6')
  await restoreHandRules({ ...parts, servings: new Map() }, (text) => notes.push(text))
  expect(notes).toHaveLength(1)
  expect(await revokeHandRule(inMasked, number, ann, 'Over.')).toMatchObject({ key: { customer: MASK } })
})

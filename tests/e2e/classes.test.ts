import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runChecks } from '../../conformance/suite.ts'
import type { VirtualClock } from '../../src/core/clock.ts'
import { seededRandom } from '../../src/core/random.ts'
import { DAY, HOUR, MINUTE } from '../../src/core/time.ts'
import {
  batch,
  byTime,
  classThresholds,
  col,
  count,
  entity,
  features,
  gbdt,
  label,
  model,
  rowsOf,
  share,
  sqlite,
  stream,
  t,
} from '../../src/index.ts'
import { collectProject } from '../../src/language/define/collect-project.ts'
import { decodeScorer } from '../../src/models/inference/decode-scorer.ts'
import type { GoldenPredictions } from '../../src/models/inference/golden-predictions.ts'
import { readVersion } from '../../src/models/registry/versions.ts'
import type { ScoreExplanation } from '../../src/platform/api/explanation-answers.ts'
import type { ScoredAnswer } from '../../src/platform/api/prediction-answers.ts'
import type { OwnedPlatform } from '../../src/platform/app/open-platform.ts'
import { type RunningServer, servePlatform } from '../../src/platform/app/serve.ts'
import { csvOf, NOW, openShop, START, temporaryFolder, trainAndServe } from './shop-fixture.ts'

const classes = ['late', 'damaged', 'fine'] as const

const parcels = stream('parcels', {
  ...{ key: 'parcel', time: 'sent_at', ahead: '1h' },
  schema: { parcel: t.string(), route: t.string(), weight: t.number({ min: 0 }), sent_at: t.timestamp() },
})
const endings = stream('endings', {
  ...{ key: 'parcel', time: 'at' },
  schema: { parcel: t.string(), route: t.string(), state: t.string(), at: t.timestamp() },
})
const routeEnds = features('route_ends', {
  entity: entity('route', { route: t.string() }),
  from: endings,
  select: { ends_2d: count().over('2d'), late_2d: share(col('state').eq('late')).over('2d') },
})
const ending = model('ending', {
  predicts: 'how a parcel ends within a day',
  ...{ at: parcels, time: 'sent_at', features: [routeEnds, parcels.pick('weight')] },
  label: label(endings, col('state'), { classes }).on('parcel').within('1d').absent('exclude'),
  split: byTime({ train: '10d', validate: '3d', test: '3d' }),
  trainer: gbdt({ trees: 15, depth: 3, seed: 1 }),
  calibration: 'temperature',
  monitor: { minimum: 20 },
  serve: { modes: ['realtime', 'batch', 'stream'], adverse: { decisions: ['damaged'], most: 1 } },
})
const watched = model('watched', {
  predicts: 'how a parcel ends, to look into damage early',
  ...{ at: parcels, time: 'sent_at', features: [routeEnds, parcels.pick('weight')], label: ending.label },
  split: byTime({ train: '10d', validate: '3d', test: '3d' }),
  trainer: gbdt({ trees: 4, depth: 2, seed: 1 }),
  serve: {
    modes: ['realtime', 'batch', 'stream'],
    decision: classThresholds([
      { class: 'damaged', above: 0.35, decision: 'open_it', reason: 'may_be_damaged', text: 'It is looked into.' },
      { class: 'late', above: 0.4 },
      { decision: 'leave' },
    ]),
  },
})
const project = collectProject([
  ending,
  watched,
  batch('watched_of_today', {
    ...{ model: watched, population: rowsOf(parcels, { last: '1d' }), reasons: true },
    to: sqlite('data/watched.db', { table: 'watched' }),
  }),
  batch('endings_of_today', {
    ...{ model: ending, population: rowsOf(parcels, { last: '1d' }) },
    to: sqlite('data/endings.db', { table: 'endings' }),
  }),
])

interface Parcel {
  readonly parcel: string
  readonly route: string
  readonly weight: number
  readonly sent_at: number
}

/** Heavy parcels are damaged, those of two routes are late; some outcomes are none of the classes. */
function history(start: number, days: number, seed: number) {
  const random = seededRandom(seed)
  const sent: Parcel[] = []
  const ended: { parcel: string; route: string; state: string; at: number }[] = []
  for (let number = 0; number < days * 72; number += 1) {
    const sent_at = start + number * 20 * MINUTE
    const [route, weight, parcel] = [`R${random.integer(6)}`, random.integer(100), `${seed}-${number}`]
    const late = route === 'R0' || route === 'R1' ? 0.7 : 0.1
    const damaged = weight > 70 ? 0.8 : 0.05
    const drawn = random.next()
    const likely = drawn < late ? 'late' : random.next() < damaged ? 'damaged' : 'fine'
    sent.push({ parcel, route, weight, sent_at })
    if (number % 10 !== 9)
      ended.push({ parcel, route, state: number % 50 === 7 ? 'lost' : likely, at: sent_at + random.integer(20) * HOUR })
  }
  return { sent, ended: ended.toSorted((a, b) => a.at - b.at) }
}

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let platform: OwnedPlatform
let clock: VirtualClock
let server: RunningServer

beforeAll(async () => {
  folder = await temporaryFolder()
  ;({ platform, clock } = await openShop({ folder: folder.path, project, base: folder.path }))
  const { sent, ended } = history(START, (NOW - START) / DAY, 3)
  for (const [name, rows] of [
    ['parcels', sent],
    ['endings', ended.filter(({ at }) => at < NOW)],
  ] as const) {
    const file = join(folder.path, `${name}.csv`)
    await writeFile(file, csvOf(rows))
    await platform.importHistory(name, file)
  }
  await trainAndServe(platform, 'ending')
  await trainAndServe(platform, 'watched')
  server = await servePlatform(platform, { port: 0, grpcPort: 0 })
})

afterAll(async () => {
  await server.close()
  await platform.close()
  await folder[Symbol.asyncDispose]()
})

async function post(path: string, body: object) {
  const answer = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(answer.status).toBe(200)
  return (await answer.json()) as Record<string, unknown>
}

const asked = (weight: number, route = 'R4'): Parcel => ({ parcel: `A${weight}${route}`, route, weight, sent_at: NOW })

async function predict(
  rows: readonly Parcel[],
  options = {},
): Promise<(ScoredAnswer & Required<Pick<ScoredAnswer, 'class' | 'probabilities'>>)[]> {
  const { predictions } = await post('/v1/models/ending/predict', { rows, ...options })
  return predictions as never
}

test('a prediction says the likeliest class, its probability and that of each, and which class is explained', async () => {
  const [heavy, light, late] = await predict([asked(95), asked(5), asked(5, 'R0')], { explain: true })
  expect([heavy!.class, light!.class, late!.class]).toEqual(['damaged', 'fine', 'late'])
  for (const one of [heavy!, light!, late!]) {
    expect(Object.keys(one.probabilities)).toEqual(classes)
    expect(one.score).toBe(one.probabilities[one.class])
    expect(one.score).toBe(Math.max(...Object.values(one.probabilities)))
    expect(Object.values(one.probabilities).reduce((sum, each) => sum + each)).toBeCloseTo(1, 12)
    expect(one.decision).toBe(one.class)
    expect(one.explanation).toMatchObject({ class: one.class })
  }
  const { contract } = await platform.contract('ending')
  expect(contract.response).toMatchObject({ classes, decisions: ['damaged', 'fine', 'late'] })
})

test('whoever is told of damage is told what made it likelier than what is not, in answers, traces and streams', async () => {
  const [heavy, light] = await predict([asked(95), asked(5)], { reasons: true })
  expect(light!.reasons).toEqual([])
  const raised = { code: 'raised_by', feature: 'weight', contribution: expect.any(Number), against: 'fine' }
  expect(heavy!.reasons).toEqual([raised])
  expect((await platform.trace(heavy!.prediction_id)).adverse).toEqual(heavy!.reasons)
  const [both] = await predict([asked(95)], { reasons: true, explain: true })
  expect(both!.reasons).toEqual(heavy!.reasons)
  const { contributions } = both!.explanation as ScoreExplanation
  const alone = contributions.find(({ feature }) => feature === 'weight')!
  expect(alone.contribution).not.toBe(heavy!.reasons![0]!.contribution)
  expect((await platform.contract('ending')).contract.response.reasons).toContain('raised_by')
})

test('what was answered is logged, traced and made again to the bit, before and after it moves to the lake', async () => {
  const [one] = await predict([asked(80)])
  const { score, class: likeliest, probabilities } = one!
  const id = one!.prediction_id
  const replayed = async () => {
    expect(await platform.loggedPrediction(id)).toMatchObject({ score, class: likeliest, probabilities })
    const traced = (await platform.trace(id)).prediction
    expect(traced).toMatchObject({ score, class: likeliest, probabilities, raw: expect.any(Number) })
    expect(traced.raw).not.toBe(score)
    expect(await platform.replay(id)).toMatchObject({
      same: true,
      replayed: { score, class: likeliest, probabilities },
    })
  }
  await replayed()
  expect(await platform.parts.predictions.move()).toBeGreaterThan(0)
  await replayed()
  expect(await platform.audit({ model: 'ending' })).toMatchObject({ mismatches: 0, unverifiable: 0 })
})

test('the inference protocol gives the probabilities of all classes as one tensor, over REST and gRPC', async () => {
  const metadata = (await (await fetch(`${server.url}/v2/models/ending`)).json()) as { inputs: { name: string }[] }
  expect(metadata).toMatchObject({
    outputs: [
      { name: 'score', datatype: 'FP64', shape: [-1] },
      { name: 'class', datatype: 'BYTES', shape: [-1] },
      { name: 'probabilities', datatype: 'FP64', shape: [-1, 3] },
      { name: 'decision', datatype: 'BYTES', shape: [-1] },
    ],
  })
  const values: Readonly<Record<string, readonly number[]>> = { weight: [95, 5] }
  const inputs = metadata.inputs.map(({ name }) => ({
    name,
    datatype: 'FP64',
    shape: [2],
    data: values[name] ?? [3, 0],
  }))
  const { outputs, parameters } = (await post('/v2/models/ending/infer', { inputs })) as {
    outputs: { name: string; shape: number[]; data: (number | string)[] }[]
    parameters: { classes: string }
  }
  const of = (name: string) => outputs.find((one) => one.name === name)!
  expect(of('probabilities').shape).toEqual([2, 3])
  expect(JSON.parse(parameters.classes)).toEqual(classes)
  for (const row of [0, 1]) {
    const probabilities = of('probabilities').data.slice(row * 3, row * 3 + 3) as number[]
    expect(of('score').data[row]).toBe(Math.max(...probabilities))
    expect(of('class').data[row]).toBe(classes[probabilities.indexOf(Math.max(...probabilities))])
  }
  const results = await runChecks({ rest: server.url, grpc: server.grpc!, model: 'ending' })
  expect(results.length).toBeGreaterThan(20)
  expect(results.filter(({ outcome }) => outcome === 'failed')).toEqual([])
})

test('batches and streams have a column for the likeliest class and one for each probability', async () => {
  const rows = history(NOW, 1, 5).sent.slice(0, 30)
  clock.advanceTo(NOW + 12 * HOUR)
  platform.parts.streaming.start()
  await platform.ingest('parcels', rows)
  await platform.parts.log.drained()
  await platform.parts.streaming.advance()
  const { answers } = await platform.streamAnswers('ending', { after: -1, limit: 100, wait: 0 })
  expect(answers).toHaveLength(30)
  for (const { class: likeliest, probabilities, score, decision, reasons } of answers) {
    expect(reasons?.map(({ against }) => against)).toEqual(likeliest === 'damaged' ? [expect.any(String)] : [])
    expect(Object.keys(probabilities!)).toEqual(classes)
    expect([probabilities![likeliest!], decision]).toEqual([score, likeliest])
  }

  await platform.runBatch('endings_of_today', { name: 'ann' })
  const database = new DatabaseSync(join(folder.path, 'data/endings.db'), { readOnly: true })
  const scored = database.prepare('SELECT * FROM endings').all() as Record<string, number | string>[]
  database.close()
  expect(Object.keys(scored[0]!)).toEqual(
    expect.arrayContaining(['class', 'score', 'probability_late', 'probability_damaged', 'probability_fine']),
  )
  for (const row of scored) expect(row[`probability_${row['class']}`]).toBe(row['score'])
  const [run] = await platform.batchRuns({ batch: 'endings_of_today' })
  expect(run!.report?.score?.classes).toEqual(classes)
  expect(run!.report?.score?.counts.reduce((sum, rows) => sum + rows)).toBe(scored.length)
})

test('thresholds of classes decide alike one by one, over the inference protocol, in batches and in streams', async () => {
  const decided = (late: number, damaged: number): [string, string] =>
    damaged > 0.35 ? ['open_it', 'may_be_damaged'] : late > 0.4 ? ['late', 'late'] : ['leave', 'leave']
  const found = new Set<unknown>()
  const { predictions } = (await post('/v1/models/watched/predict', {
    rows: [asked(95), asked(5), asked(5, 'R0'), asked(95, 'R1')].map((row) => ({ ...row, sent_at: clock.now() })),
    reasons: true,
  })) as { predictions: Awaited<ReturnType<typeof predict>> }
  const { answers } = await platform.streamAnswers('watched', { after: -1, limit: 100, wait: 0 })
  expect(answers).toHaveLength(30)
  for (const { probabilities, decision } of [...predictions, ...answers]) {
    expect(decision).toBe(decided(probabilities!['late']!, probabilities!['damaged']!)[0])
    found.add(decision)
  }
  expect(found).toEqual(new Set(['open_it', 'late', 'leave']))
  for (const { probabilities, reasons } of predictions)
    expect(reasons!.map(({ code }) => code)).toEqual([decided(probabilities['late']!, probabilities['damaged']!)[1]])
  expect(predictions[0]!.reasons).toEqual([{ code: 'may_be_damaged', text: 'It is looked into.' }])
  const ids = [...predictions.map((one) => one.prediction_id), ...answers.slice(0, 5).map((one) => one.prediction!)]
  for (const id of ids) expect(await platform.replay(id)).toMatchObject({ same: true })

  await platform.runBatch('watched_of_today', { name: 'ann' })
  const database = new DatabaseSync(join(folder.path, 'data/watched.db'), { readOnly: true })
  const scored = database.prepare('SELECT * FROM watched').all() as Record<string, number | string>[]
  database.close()
  expect(scored.length).toBeGreaterThan(20)
  for (const row of scored) {
    const [decision, code] = decided(Number(row['probability_late']), Number(row['probability_damaged']))
    expect([row['decision'], JSON.parse(String(row['reasons']))[0].code]).toEqual([decision, code])
  }

  const results = await runChecks({ rest: server.url, grpc: server.grpc!, model: 'watched' })
  expect(results.find(({ name }) => name === 'grpc/infer-rest')?.outcome).toBe('passed')
  const { contract } = await platform.contract('watched')
  expect(contract.response).toMatchObject({ decisions: ['late', 'leave', 'open_it'] })
})

/** A file of LightGBM with one split a class, on how much a parcel weighs and how late its route is. */
function oneAgainstRest(): string {
  const tree = (place: number, feature: number, threshold: number, low: number, high: number): string =>
    [
      ...[`Tree=${place}`, 'num_leaves=2', 'num_cat=0', `split_feature=${feature}`, 'split_gain=1'],
      ...[`threshold=${threshold}`, 'decision_type=2', 'left_child=-1', 'right_child=-2', `leaf_value=${low} ${high}`],
      ...['leaf_weight=9 9', 'leaf_count=9 9', 'internal_value=0', 'internal_weight=9', 'internal_count=18'],
      ...['is_linear=0', 'shrinkage=1', '', ''],
    ].join('\n')
  const header = [
    ...['tree', 'version=v4', 'num_class=3', 'num_tree_per_iteration=3', 'label_index=0', 'max_feature_idx=1'],
    ...['objective=multiclassova num_class:3 sigmoid:1', 'feature_names=weight route_ends.late_2d'],
    ...['feature_infos=[0:100] [0:1]', 'tree_sizes=0 0 0', '', ''],
  ]
  const trees = [tree(0, 1, 0.4, -1.5, 1), tree(1, 0, 70, -2, 1.5), tree(2, 0, 70, 1, -1)]
  return `${header.join('\n')}${trees.join('')}end of trees\n\npandas_categorical:null\n`
}

test('probabilities of each class against the rest, which do not add up, are read as they are and served calibrated', async () => {
  const content = Buffer.from(oneAgainstRest()).toString('base64')
  const { version } = await platform.importModel('ending', { name: 'cat' }, { content, name: 'against-rest.txt' })
  const { metadata, artifacts } = platform.parts
  const { manifest, attachments } = await readVersion(metadata, 'ending', version)
  const golden = Buffer.from(await artifacts.get(attachments['golden']!)).toString()
  const { predictions } = JSON.parse(golden) as GoldenPredictions
  for (const { probabilities } of predictions) expect(probabilities!.reduce((sum, one) => sum + one)).toBeCloseTo(1, 12)
  const scorer = decodeScorer(await artifacts.get(manifest.scorer))
  const raw = scorer.scoreRows(Float64Array.of(95, 0.5), 1)
  const sigmoid = (margin: number): number => 1 / (1 + Math.exp(-margin))
  expect(Array.from(raw)).toEqual([1, 1.5, -1].map((margin) => expect.closeTo(sigmoid(margin), 15)))
})

test('outcomes are joined as classes, and monitors show how good the answers were', async () => {
  const live = history(NOW + DAY, 3, 9)
  for (let at = NOW + DAY; at < NOW + 6 * DAY; at += 4 * HOUR) {
    clock.advanceTo(at)
    const now = live.sent.filter(({ sent_at }) => sent_at >= at && sent_at < at + 4 * HOUR)
    if (now.length > 0)
      await platform.predict(
        'ending',
        now.map((row) => ({ ...row, sent_at: at })),
      )
    const ended = live.ended.filter((one) => one.at > at - 4 * HOUR && one.at <= at)
    if (ended.length > 0) await platform.ingest('endings', ended)
    await platform.parts.monitors.advance(at)
  }
  const health = await platform.modelHealth('ending', { from: NOW, to: clock.now() })
  expect(health.expected?.logLoss).toBeGreaterThan(0)
  const mature = health.outcome.filter((point) => point.mature && point.labelled > 20)
  expect(mature.length).toBeGreaterThan(0)
  for (const { logLoss, low, high, accuracy, macroAuc } of mature) {
    expect(logLoss).toBeGreaterThan(low!)
    expect(logLoss).toBeLessThan(high!)
    expect(accuracy).toBeGreaterThan(0.5)
    expect(macroAuc).toBeGreaterThan(0.6)
  }
  const shares = health.prediction.flatMap(({ classes: of }) => (of === undefined ? [] : [of]))
  expect(shares.length).toBeGreaterThan(0)
  for (const one of shares) expect(Object.keys(one).sort()).toEqual(classes.toSorted())
  const { rows: letters } = await platform.deadLetters({ code: 'unknown_class' })
  expect(letters.length).toBeGreaterThan(0)
  await server.close()
  await platform.close()
  ;({ platform } = await openShop({ folder: folder.path, project, base: folder.path, now: clock.now() }))
  server = await servePlatform(platform, { port: 0 })
  const { outcome, prediction } = await platform.modelHealth('ending', { from: NOW, to: clock.now() })
  expect(outcome).toEqual(health.outcome)
  expect(prediction.at(-1)?.classes).toEqual(health.prediction.at(-1)?.classes)
})

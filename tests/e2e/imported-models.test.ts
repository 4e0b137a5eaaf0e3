import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Forest } from '../../src/models/inference/forest.ts'
import { decodeForest } from '../../src/models/inference/forest-codec.ts'
import { exportOnnx } from '../../src/models/inference/onnx-export.ts'
import { elementTypes, graphNode, initializer, valueInfo } from '../../src/models/inference/onnx-graphs.fixture.ts'
import { bytesField, join, numberField } from '../../src/models/inference/protobuf.ts'
import { ProtobufReader } from '../../src/models/inference/protobuf-reader.ts'
import { readBundle } from '../../src/models/registry/bundle.ts'
import type { OwnedPlatform } from '../../src/platform/app/open-platform.ts'
import { modelComponents } from '../../src/platform/app/packaging/model-component.ts'
import { type RunningServer, servePlatform } from '../../src/platform/app/serve.ts'
import { callOwner } from '../../src/platform/cli/connection.ts'
import { importShop, makeHistory, openShop, temporaryFolder, trainAndServe } from './shop-fixture.ts'
import { xgboostFile } from './xgboost-file.ts'

const MODEL = 'sent_back'
const history = makeHistory()
const row = { ...history.orders.at(-1)!, order: 'NEW' }

let platform: OwnedPlatform
let server: RunningServer
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let champion: number
let names: readonly string[]
let champions: Forest

/** What the model that serves learnt, as a file of XGBoost. */
let fileWith: (names: readonly string[], objective?: string) => string

beforeAll(async () => {
  folder = await temporaryFolder()
  platform = (await openShop({ folder: folder.path })).platform
  server = await servePlatform(platform, { port: 0 })
  await importShop(platform, folder.path, history)
  champion = await trainAndServe(platform, MODEL)
  const { manifest, contents } = await platform.bundle(MODEL, champion)
  const forest = decodeForest(Buffer.from(contents[manifest.scorer]!, 'base64'))
  names = forest.featureNames
  champions = forest
  fileWith = (given, objective = 'binary:logistic') =>
    Buffer.from(xgboostFile(forest, objective, given)).toString('base64')
})

afterAll(async () => {
  await server.close()
  await folder[Symbol.asyncDispose]()
})

test('a model from elsewhere is judged, approved, served, audited and packed like one that is trained here, to the same bits', async () => {
  const asked = { ...row, ordered_at: platform.clock.now() + 1 }
  const [before] = (await platform.predict(MODEL, [asked], { features: true })).predictions
  const imported = await platform.importModel(
    MODEL,
    { name: 'cat' },
    {
      content: fileWith(names),
      name: 'shop.json',
      metrics: { auc: 0.87 },
    },
  )
  expect(imported).toMatchObject({
    isNew: true,
    imported: { format: 'xgboost', writtenBy: 'XGBoost 3.2.0', objective: 'binary:logistic' },
  })
  const { takes } = (await platform.registry.version(MODEL, imported.version)).servable!
  expect(takes.map(({ name }) => name)).toEqual(imported.imported!.matched!.map(({ input }) => input))
  expect(takes).toContainEqual({ name: 'amount', type: 'number' })
  // It is the champion, so that the gate finds no difference between them.
  const champions = (await platform.models(MODEL)).find(({ version }) => version === champion)!
  expect(imported.metrics['auc']).toBe(champions.auc)
  expect(imported.gate.sentence).toContain('against champion')

  await expect(platform.approve(MODEL, imported.version, { name: 'cat' }, 'Mine.')).rejects.toMatchObject({
    code: 'approval_by_author',
  })
  await platform.approve(MODEL, imported.version, { name: 'ben' }, 'For the test.')
  await platform.promote(MODEL, imported.version, { name: 'ben' })
  const answer = await platform.predict(MODEL, [asked], { features: true })
  const [after] = answer.predictions
  expect(answer.version).toBe(imported.version)
  expect({ ...after, prediction_id: '' }).toEqual({ ...before, prediction_id: '' })
  const id = (after as { prediction_id: string }).prediction_id
  expect(await platform.replay(id)).toMatchObject({ same: true })
  expect(await platform.audit({ model: MODEL })).toMatchObject({ mismatches: 0 })
  const { run } = await platform.trace(id)
  expect(run).toMatchObject({ author: 'cat', imported: { from: 'shop.json' } })
  const { nodes } = await platform.lineage({ of: `${MODEL}/${imported.version}`, direction: 'up' })
  expect(nodes.find(({ name }) => name === run!.id)?.facts).toMatchObject({ imported: { from: 'shop.json' } })

  const [origin] = (await platform.card(MODEL)).sections
  expect(origin).toMatchObject({ title: 'Where it comes from' })
  expect(origin!.lines[0]).toMatch(/^Imported from shop\.json, written by XGBoost 3\.2\.0\. It was not trained here/)
  expect(origin!.lines[1]).toMatch(/^Evaluated here on \d+ rows of the test\.$/)
  const { features } = await platform.features({ search: 'orders_2d' })
  expect(features[0]!.trainedOn).toMatchObject({ model: MODEL, version: imported.version, imported: true })

  const bundle = readBundle(JSON.stringify(await platform.bundle(MODEL, imported.version)))
  expect(Object.keys(bundle.attachments)).toEqual(expect.arrayContaining(['source', 'golden', 'monitoring']))
  expect(bundle.contents[bundle.attachments['source']!]).toBe(fileWith(names))
  const [component, dataset] = modelComponents(bundle) as readonly [
    { modelCard: { modelParameters: object }; properties: readonly { name: string; value: string }[] },
    { 'bom-ref': string },
  ]
  expect(component.modelCard.modelParameters).toMatchObject({ architectureFamily: 'xgboost' })
  expect(component.modelCard.modelParameters).not.toHaveProperty('datasets')
  expect(component.properties).toContainEqual({ name: 'trueline:judged-on', value: dataset['bom-ref'] })
  const provenance = { file: bundle.attachments['source'], inputs: 'by name', claimed: { auc: 0.87 } }
  expect(bundle.run.parameters).toMatchObject({ imported: provenance })
  expect(bundle.evaluation).toMatchObject({ imported: { ...provenance, writtenBy: 'XGBoost 3.2.0' } })
})

/**
 * A forest as a graph with operators that nothing of ours scores, and that change nothing: the absolute value of a probability, times
 * a row of ones, times a column of which all but the first are 0, of so many numbers.
 */
function wrapped(forest: Forest, width = 1): Uint8Array {
  const model: Uint8Array[] = [numberField(1, 8)]
  const outer = new ProtobufReader(exportOnnx({ ...forest, transform: { kind: 'identity' } }))
  for (let field = outer.next(); field !== 0; field = outer.next()) {
    if (field === 1) outer.skip()
    else if (field !== 7) model.push(bytesField(field, outer.bytes()))
    else {
      const graph: Uint8Array[] = []
      const inner = new ProtobufReader(outer.bytes())
      for (let part = inner.next(); part !== 0; part = inner.next()) {
        const bytes = inner.bytes()
        if (part !== 12) graph.push(bytesField(part, bytes))
      }
      graph.push(bytesField(1, graphNode('Sigmoid', ['margin'], ['share'])))
      graph.push(bytesField(1, graphNode('Abs', ['share'], ['positive'])))
      graph.push(bytesField(5, initializer('ones', [1, width], new Float32Array(width).fill(1))))
      graph.push(bytesField(5, initializer('first', [width, 1], new Float32Array(width).fill(1, 0, 1))))
      graph.push(bytesField(1, graphNode('MatMul', ['positive', 'ones'], ['many'])))
      graph.push(bytesField(1, graphNode('MatMul', ['many', 'first'], ['probability'])))
      graph.push(bytesField(12, valueInfo('probability', elementTypes.FP32, ['n', 1])))
      model.push(bytesField(7, graph))
    }
  }
  return join(model)
}

test('a graph that is neither trees nor a line is scored by onnxruntime, alone as in a batch, and replayed to the same bits', async () => {
  const content = Buffer.from(wrapped(champions)).toString('base64')
  const asked = { content, byOrder: true }
  const imported = await platform.importModel(MODEL, { name: 'cat' }, asked)
  expect(imported).toMatchObject({ imported: { format: 'onnx', objective: 'a graph of 5 operators' } })
  await platform.approve(MODEL, imported.version, { name: 'ben' }, 'For the test.')
  await platform.promote(MODEL, imported.version, { name: 'ben' })
  const rows = [1, 2, 3].map((amount) => ({ ...row, amount, ordered_at: platform.clock.now() + 1 }))
  const together = (await platform.predict(MODEL, rows)).predictions as readonly {
    score: number
    prediction_id: string
  }[]
  for (const [index, one] of rows.entries()) {
    const [alone] = (await platform.predict(MODEL, [one])).predictions as readonly { score: number }[]
    expect(alone!.score).toBe(together[index]!.score)
    expect(await platform.replay(together[index]!.prediction_id)).toMatchObject({ same: true })
  }
  expect(await runner()).toBe('onnxruntime_onnx')
  await platform.rollback(MODEL, { name: 'ben' }, 'For the test.')
  expect(await runner()).toBe('trueline_forest')
})

/** What computes the scores of the version that serves. */
async function runner(): Promise<unknown> {
  const answer = await fetch(`${server.url}/v2/models/${MODEL}`)
  return ((await answer.json()) as { platform: string }).platform
}

test('while few rows of a slow graph are scored, others have their turn', async () => {
  const content = Buffer.from(wrapped(champions, 100_000)).toString('base64')
  const { version } = await platform.importModel(MODEL, { name: 'cat' }, { content, byOrder: true })
  await platform.approve(MODEL, version, { name: 'ben' }, 'For the test.')
  await platform.promote(MODEL, version, { name: 'ben' })
  let turns = 0
  let turn = setImmediate(function count() {
    turns += 1
    turn = setImmediate(count)
  })
  await platform.predict(MODEL, new Array(60).fill({ ...row, ordered_at: platform.clock.now() + 1 }))
  clearImmediate(turn)
  expect(turns).toBeGreaterThan(3)
  await platform.rollback(MODEL, { name: 'ben' }, 'For the test.')
})

test('a platform that runs takes a file that is larger than other requests may be, and says what is wrong with it', async () => {
  const before = (await platform.models(MODEL)).length
  const refused = (content: string) => callOwner(server.url, 'importModel', { model: MODEL, as: 'cat', content })
  const file = Buffer.from(fileWith(names, 'reg:squarederror'), 'base64').toString()
  const large = Buffer.from(file + ' '.repeat(13e6)).toString('base64')
  expect(large.length).toBeGreaterThan(16 * 2 ** 20)
  await expect(refused(large)).rejects.toMatchObject({
    code: 'unsupported_model',
    message: expect.stringMatching(/no probability/),
  })
  await expect(refused(fileWith(names).slice(0, 4000))).rejects.toMatchObject({ code: 'model_file_invalid' })
  await expect(refused('***')).rejects.toMatchObject({ code: 'model_file_invalid', path: 'content' })
  expect(await platform.models(MODEL)).toHaveLength(before)
})

import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { runChecks } from '../../conformance/suite.ts'
import { rawModel } from '../../src/index.ts'
import { collectProject } from '../../src/language/define/collect-project.ts'
import type { ProjectDefinition } from '../../src/language/define/definitions.ts'
import { forestOf } from '../../src/models/inference/forest-builder.ts'
import { exportOnnx } from '../../src/models/inference/onnx-export.ts'
import { identityGraph, productGraph, sumGraph } from '../../src/models/inference/onnx-graphs.fixture.ts'
import { type OwnedPlatform, openPlatform } from '../../src/platform/app/open-platform.ts'
import { type RunningServer, servePlatform } from '../../src/platform/app/serve.ts'
import { postJson } from './http.ts'
import { temporaryFolder } from './shop-fixture.ts'

/** One tree of one split of two inputs. */
const tree = exportOnnx(
  forestOf({ objective: 'regression', baseMargin: 0.5, featureNames: ['a', 'b'] }, [
    { feature: 1, threshold: 2, defaultLeft: true, left: { value: 1 }, right: { value: -1 } },
  ]),
)

const project: ProjectDefinition = collectProject([
  rawModel('identity', { file: 'models/../identity.onnx' }),
  rawModel('product', { file: 'product.onnx', warmup: { rows: [2, 4] } }),
])

interface Ground extends AsyncDisposable {
  readonly folder: string
  readonly notes: string[]
  readonly platform: OwnedPlatform
  readonly server: RunningServer
}

async function write(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  await writeFile(join(folder, `${name}.onnx`), bytes)
}

const weighing = (weight: number): Uint8Array => productGraph(4, new Float32Array(4).fill(weight))

async function open(folder: string): Promise<Ground> {
  const notes: string[] = []
  const platform = await openPlatform({
    ...{ config: project, folder, directory: join(folder, 'data') },
    onNote: (text) => notes.push(text),
  })
  const server = await servePlatform(platform, { port: 0, grpcPort: 0 })
  return {
    ...{ folder, notes, platform, server },
    async [Symbol.asyncDispose]() {
      await server.close()
      await platform.close()
    },
  }
}

async function product({ server }: Ground, rows: number) {
  const data = new Array(rows * 4).fill(1)
  const body = { inputs: [{ name: 'rows', datatype: 'FP32', shape: [rows, 4], data }] }
  return await postJson(`${server.url}/v2/models/product/infer`, body)
}

test('raw models are asked by the inference protocol, in all datatypes, and hold to all that it says', async () => {
  await using folder = await temporaryFolder()
  await write(folder.path, 'identity', identityGraph())
  await write(folder.path, 'product', weighing(1))
  await using ground = await open(folder.path)
  const { server } = ground
  expect(ground.notes).toEqual([])
  for (const model of ['identity', 'product']) {
    const results = await runChecks({ rest: server.url, grpc: server.grpc!, model, control: true })
    // The protocol has typed contents for all datatypes but two, and only one of the models has one of these.
    const untyped = ['grpc/infer-contents', 'grpc/error-both-contents']
    expect(results.flatMap(({ name, outcome }) => (outcome === 'passed' ? [] : [`${name} ${outcome}`]))).toEqual(
      model === 'identity' ? untyped.map((name) => `${name} skipped`) : [],
    )
  }
  const { body } = await postJson(`${server.url}/v2/repository/index`, {})
  expect(body).toMatchObject([
    { name: 'identity', state: 'READY' },
    { name: 'product', state: 'READY' },
  ])
})

test('metadata say which engine runs a tree, and how long each took, once that was measured', async () => {
  await using folder = await temporaryFolder()
  await write(folder.path, 'tree', tree)
  const config = collectProject([rawModel('tree', { file: 'tree.onnx' })])
  const platform = await openPlatform({ config, folder: folder.path, directory: join(folder.path, 'data') })
  const server = await servePlatform(platform, { port: 0 })
  const url = `${server.url}/v2/models/tree`
  const inputs = [{ name: 'features', datatype: 'FP32', shape: [3, 2], data: [0, 1, 0, 2, 0, -3] }]
  const margins = async () => {
    const { body } = await postJson(`${url}/infer`, { inputs })
    const { outputs, parameters } = body as { outputs: { data: number[] }[]; parameters: object }
    expect(Object.keys(parameters)).toEqual(['digest'])
    return outputs[0]!.data
  }
  const before = await margins()
  const metadata = async () =>
    (await (await fetch(url)).json()) as { readonly platform: string; readonly parameters: { calibration?: string } }
  while ((await metadata()).parameters.calibration === undefined) await setTimeout(5)
  const { platform: engine, parameters } = await metadata()
  expect(['trueline_forest', 'onnxruntime_onnx']).toContain(engine)
  expect(parameters.calibration).toMatch(/^trueline_forest .*; onnxruntime_onnx .*; the same bits$/)
  expect([before, await margins()]).toEqual([
    [1.5, -0.5, 1.5],
    [1.5, -0.5, 1.5],
  ])
  await server.close()
  await platform.close()
})

test('a file that changed serves when it is loaded, a broken one never does, and no request fails meanwhile', async () => {
  await using folder = await temporaryFolder()
  await write(folder.path, 'identity', identityGraph())
  await write(folder.path, 'product', weighing(1))
  await using ground = await open(folder.path)
  const { server } = ground
  const load = () => postJson(`${server.url}/v2/repository/models/product/load`, {})
  const before = (await product(ground, 1)).body as { model_version: string }
  let isOver = false
  const seen = new Set<unknown>()
  const asking = [1, 1, 3000].map(async (rows) => {
    while (!isOver) {
      const { status, body } = await product(ground, rows)
      expect(status).toBe(200)
      const { data } = (body as { outputs: { data: number[] }[] }).outputs[0]!
      expect(data).toEqual(new Array(rows).fill(data[0]))
      seen.add(data[0])
    }
  })
  for (let weight = 2; weight <= 6; weight += 1) {
    await write(folder.path, 'product', weighing(weight))
    expect((await load()).status).toBe(200)
    expect((await product(ground, 1)).body).toMatchObject({ outputs: [{ data: [4 * weight] }] })
  }
  for (const broken of [new Uint8Array(0), weighing(7).subarray(0, 60), sumGraph()]) {
    await write(folder.path, 'product', broken)
    expect((await load()).status).toBe(400)
    expect((await product(ground, 1)).body).toMatchObject({ outputs: [{ data: [24] }] })
  }
  isOver = true
  await Promise.all(asking)
  expect(seen.size).toBeGreaterThan(1)
  await write(folder.path, 'product', weighing(1))
  await load()
  expect((await product(ground, 1)).body).toMatchObject({ model_version: before.model_version })
})

test('one that is gone or broken at the start serves as it did before, and one that never served is told', async () => {
  await using folder = await temporaryFolder()
  await write(folder.path, 'product', weighing(5))
  {
    await using ground = await open(folder.path)
    expect(ground.notes).toMatchObject([expect.stringMatching(/'identity' cannot be loaded: There is no file/)])
    expect(ground.platform.reasonsNotReady()).toEqual(["The raw model 'identity' does not serve."])
    const answer = await postJson(`${ground.server.url}/v2/models/identity/infer`, { inputs: [] })
    expect(answer).toMatchObject({ status: 503, body: { error: expect.stringMatching(/^no_model_serving/) } })
  }
  await rm(join(folder.path, 'product.onnx'))
  await write(folder.path, 'identity', identityGraph())
  await using ground = await open(folder.path)
  expect(ground.notes).toMatchObject([
    expect.stringMatching(/'product' cannot be loaded/),
    expect.stringMatching(/What served before as 'product' goes on/),
  ])
  expect((await product(ground, 1)).body).toMatchObject({ outputs: [{ data: [20] }] })
  expect(ground.platform.ready()).toBe(true)
  await ground.platform.inference.unload('product')
  expect((await product(ground, 1)).status).toBe(503)
  expect(ground.platform.ready()).toBe(true)
})

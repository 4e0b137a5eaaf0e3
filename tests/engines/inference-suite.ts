import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Result } from '../../conformance/check.ts'
import { runChecks } from '../../conformance/suite.ts'
import { freePort } from '../../scripts/free-port.ts'
import { HOUR } from '../../src/core/time.ts'
import { servePlatform } from '../../src/platform/app/serve.ts'
import { postJson } from '../e2e/http.ts'
import { importShop, makeHistory, NOW, openShop, temporaryFolder, trainAndServe } from '../e2e/shop-fixture.ts'
import { fuzzGrpc, fuzzRest } from '../inference/fuzz.fixture.ts'
import { pythonWith } from './python.ts'
import type { Check, EngineSuite } from './suite.ts'

const MODEL = 'sent_back'

/** The Open Inference Protocol with clients and servers that are not ours. */
export const inferenceSuite: EngineSuite = {
  name: 'inference protocol',
  async run(check) {
    await check('forty thousand spoilt requests are refused with a code, or answered by what they say', async () => {
      await fuzzRest(20_000, 29)
      await fuzzGrpc(20_000, 31)
    })
    await checkClients(check)
    await checkServers(check)
  },
}

async function checkClients(check: Check): Promise<void> {
  const python = pythonWith('tritonclient', ['tritonclient[grpc,http]'])
  const folder = await temporaryFolder()
  const { platform } = await openShop({ folder: folder.path })
  const server = await servePlatform(platform, { port: 0, grpcPort: 0 })
  try {
    await importShop(platform, folder.path, makeHistory())
    await trainAndServe(platform, MODEL, 'without_windows')
    await trainAndServe(platform, 'refund_size')
    const said = await predicted(server.url)
    await check('the checks of the protocol hold', async () => {
      const results = await runChecks({ rest: server.url, grpc: server.grpc, model: MODEL, control: true })
      assert.deepEqual(
        results.filter(({ outcome }) => outcome !== 'passed'),
        [],
      )
    })
    const args = [join(import.meta.dirname, 'triton_client.py'), server.url, server.grpc!, MODEL, JSON.stringify(said)]
    const { stdout } = await promisify(execFile)(join(python, 'python'), args)
    for (const { name, failed } of JSON.parse(stdout) as { name: string; failed?: string }[])
      await check(`tritonclient, ${name}`, async () => assert.equal(failed, undefined))
  } finally {
    await server.close()
    await platform.close()
    await folder[Symbol.asyncDispose]()
  }
}

/** What predict says of some rows, with the vectors that it made. */
async function predicted(url: string) {
  const rows = [20, 0.1, 333.75, 7].map((amount, index) => {
    return { order: `T${index}`, customer: 'C1', product: 'P1', amount, card: null, ordered_at: NOW - index * 5 * HOUR }
  })
  const { body } = await postJson(`${url}/v1/models/${MODEL}/predict`, { rows, features: true })
  const answers = body.predictions as {
    score: number
    decision: string
    features: { name: string; value: number }[]
  }[]
  const names = answers[0]!.features.map(({ name }) => name)
  return {
    inputs: Object.fromEntries(names.map((name, at) => [name, answers.map(({ features }) => features[at]!.value)])),
    score: answers.map(({ score }) => score),
    decision: answers.map(({ decision }) => decision),
  }
}

async function checkServers(check: Check): Promise<void> {
  await check('the checks can be pointed at MLServer, and say where it differs', async () => {
    const python = pythonWith('mlserver', ['mlserver'])
    const folder = await mkdtemp(join(tmpdir(), 'trueline-mlserver-'))
    const [http_port, grpc_port, metrics_port] = await Promise.all([freePort(), freePort(), freePort()])
    const settings = { host: '127.0.0.1', http_port, grpc_port, metrics_port, parallel_workers: 0 }
    await writeFile(join(folder, 'settings.json'), JSON.stringify(settings))
    await writeFile(join(folder, 'model-settings.json'), JSON.stringify(mlserverModel))
    await writeFile(join(folder, 'runtime.py'), mlserverRuntime)
    const server = spawn(join(python, 'mlserver'), ['start', folder], { cwd: folder, stdio: 'ignore' })
    try {
      const rest = `http://127.0.0.1:${http_port}`
      await isReady(`${rest}/v2/models/sum/ready`, server)
      const results = await runChecks({ rest, grpc: `127.0.0.1:${grpc_port}`, model: 'sum' })
      const failed = results.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name)
      const asked = results.filter(
        ({ name, outcome }) => outcome === 'passed' && /metadata|infer|live|ready/.test(name),
      )
      // It runs the model as the protocol says; what it says to requests at fault is another matter.
      assert.ok(asked.length >= 18, readable(results))
      assert.ok(failed.length > 0 && failed.every((name) => /\/error-/.test(name)), readable(results))
    } finally {
      const ended = once(server, 'exit')
      server.kill('SIGTERM')
      await ended
      await rm(folder, { recursive: true, force: true })
    }
  })
}

const mlserverModel = {
  ...{ name: 'sum', implementation: 'runtime.Sum', platform: 'test', versions: ['1'], parameters: { version: '1' } },
  inputs: [{ name: 'rows', datatype: 'FP64', shape: [-1, 3] }],
  outputs: [{ name: 'sum', datatype: 'FP64', shape: [-1] }],
}
const mlserverRuntime = `
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceResponse


class Sum(MLModel):
    async def load(self):
        return True

    async def predict(self, payload):
        rows = NumpyCodec.decode_input(payload.inputs[0])
        outputs = [NumpyCodec.encode_output("sum", rows.sum(axis=1))]
        return InferenceResponse(model_name=self.name, model_version=self.version, id=payload.id, outputs=outputs)
`

async function isReady(url: string, server: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (server.exitCode !== null) throw new Error(`MLServer ended with ${server.exitCode}.`)
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.ok === true) return
    await sleep(100)
  }
  throw new Error('MLServer did not start.')
}

function readable(results: readonly Result[]): string {
  return results.map(({ outcome, name, because = '' }) => `${outcome} ${name} ${because}`).join('\n')
}

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startPlatform } from '../e2e/running-platform.ts'
import { temporaryFolder } from '../e2e/shop-fixture.ts'
import { trueline } from '../e2e/trueline.ts'
import { checkBeside } from './mlflow-beside.ts'
import { checkClasses } from './mlflow-classes.ts'
import { checkContracts } from './mlflow-contract.ts'
import { fuzzTracking } from './mlflow-fuzz.ts'
import { pythonWith } from './python.ts'
import type { Check, EngineSuite } from './suite.ts'

const PACKAGES = ['mlflow', 'scikit-learn', 'skl2onnx', 'onnx', 'onnxruntime', 'lightgbm', 'xgboost-cpu']
/** Those of before logged models, as many have them. */
const OLD_PACKAGES = ['mlflow-skinny<3', 'scikit-learn', 'pandas']
/** A model of the project that `trueline init` writes. */
const GOVERNED = 'sent_back'
/** Of the client's kind, with fields that no client would send. */
const CALLS = 5000
const MOST_OUTPUT = 1 << 26

/** What the client's program tells. */
interface Told {
  readonly version: string
  readonly calls: number
  readonly results: readonly { readonly name: string; readonly failed?: string }[]
}

/** MLflow's own Python client, as its package has it, against a new project. */
export const mlflowSuite: EngineSuite = {
  name: 'mlflow',
  async run(check) {
    const bin = pythonWith('mlflow', PACKAGES)
    await checkClient(join(bin, 'python'), check)
    await checkBeside(bin, check)
    await checkContracts(bin, check)
    await checkClasses(bin, check)
    await check(`${CALLS} calls with whatever fields are answered, and never as our fault`, () =>
      fuzzTracking(CALLS, 41),
    )
  },
}

async function checkClient(python: string, check: Check): Promise<void> {
  await using folder = await temporaryFolder()
  const project = join(folder.path, 'project')
  assert.equal((await trueline('init', project)).code, 0)
  const platform = await startPlatform(join(project, '.trueline'), join(project, 'trueline.config.ts'))
  try {
    const args = [join(import.meta.dirname, 'mlflow_client.py'), platform.url, GOVERNED]
    const { stdout } = await promisify(execFile)(python, args, { maxBuffer: MOST_OUTPUT, cwd: folder.path })
    const { version, calls, results } = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as Told
    for (const { name, failed } of results) await check(name, async () => assert.equal(failed, undefined))
    await check('a client of MLflow 2 logs, registers, stages and loads a model', async () => {
      const old = join(pythonWith('mlflow-2', OLD_PACKAGES), 'python')
      await promisify(execFile)(old, [join(import.meta.dirname, 'mlflow_before.py'), platform.url], {
        cwd: folder.path,
      })
    })
    await check('the server ends when it is told to', async () => assert.equal(await platform.stop('SIGTERM'), 0))
    console.log(`        ${calls} calls of the client of MLflow ${version}`)
  } finally {
    await platform.stop('SIGKILL')
  }
}

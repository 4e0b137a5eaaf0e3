// Models that are logged from Python become versions that serve.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { DAY } from '../../src/core/time.ts'
import type { OwnedPlatform } from '../../src/platform/app/open-platform.ts'
import { servePlatform } from '../../src/platform/app/serve.ts'
import {
  importShop,
  makeHistory,
  type Order,
  openShop,
  type ShopHistory,
  START,
  temporaryFolder,
  trainAndServe,
} from '../e2e/shop-fixture.ts'
import type { Check } from './suite.ts'

const MODEL = 'sent_back'
const AUTHOR = 'cat'
const REVIEWER = 'ben'
/** Orders of these days are learnt from. */
const LEARNT_DAYS = 9
const AT_ONCE = 100
/** Scores travel as float32 in XGBoost and ONNX. */
const MOST_DIFFERENCE = 1e-6

interface Told {
  readonly flavour: string
  readonly version: number
  readonly byOrder: boolean
  readonly scores: readonly number[]
}

/** Each flavour is logged, registered, given a contract, approved by another, promoted, and predicts as in Python. */
export async function checkContracts(python: string, check: Check): Promise<void> {
  await using folder = await temporaryFolder()
  const { platform } = await openShop({ folder: folder.path })
  const server = await servePlatform(platform, { port: 0 })
  try {
    const history = makeHistory()
    await importShop(platform, folder.path, history)
    const first = await trainAndServe(platform, MODEL)
    const orders = history.orders.filter(({ ordered_at }) => ordered_at < START + LEARNT_DAYS * DAY)
    const { names, rows } = await featuresOf(platform, orders)
    const file = join(folder.path, 'rows.json')
    await writeFile(file, JSON.stringify({ names, rows, labels: orders.map((order) => outcome(history, order)) }))
    const env = { ...process.env, MLFLOW_TRACKING_USERNAME: AUTHOR, MLFLOW_TRACKING_PASSWORD: 'any' }
    const args = [join(import.meta.dirname, 'mlflow_contract.py'), server.url, MODEL, file]
    const { stdout } = await promisify(execFile)(join(python, 'python'), args, { env, cwd: folder.path })
    const told = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as Told[]
    const [unconverted, ...models] = told.toReversed()
    await check('what is logged gets the numbers after those that are trained here', async () =>
      assert.deepEqual(
        told.map(({ version }) => version),
        told.map((_, index) => first + 1 + index),
      ),
    )
    for (const one of models.toReversed())
      await check(`${one.flavour}, logged from Python, serves once it has a contract, and predicts the same`, () =>
        serves(platform, orders, one),
      )
    await check('a model of scikit-learn that is not converted is refused in words', async () => {
      const asked = platform.importModel(MODEL, { name: AUTHOR }, { version: unconverted!.version })
      await assert.rejects(asked, { code: 'unsupported_model' })
    })
  } finally {
    await server.close()
    await platform.close()
  }
}

async function serves(platform: OwnedPlatform, orders: readonly Order[], told: Told): Promise<void> {
  const { version, byOrder, scores } = told
  const candidate = await platform.importModel(MODEL, { name: AUTHOR }, { version, byOrder })
  assert.equal(candidate.version, version)
  await assert.rejects(platform.approve(MODEL, version, { name: AUTHOR }, 'Mine.'), { code: 'approval_by_author' })
  await assert.rejects(platform.promote(MODEL, version, { name: REVIEWER }), { code: 'not_approved' })
  await platform.approve(MODEL, version, { name: REVIEWER }, 'For the test.')
  await platform.promote(MODEL, version, { name: REVIEWER })
  const served = await featuresOf(platform, orders)
  assert.equal(served.version, version)
  let farthest = 0
  for (const [index, score] of served.scores.entries()) farthest = Math.max(farthest, Math.abs(score - scores[index]!))
  assert.ok(farthest <= MOST_DIFFERENCE, `a score is ${farthest} from that of Python`)
  console.log(`        version ${version} serves; ${scores.length} scores within ${farthest} of Python's`)
}

/** What a model reads of orders at their own times, and the scores of the version that serves. */
async function featuresOf(platform: OwnedPlatform, orders: readonly Order[]) {
  const names: string[] = []
  const rows: (number | null)[][] = []
  const scores: number[] = []
  let version = 0
  for (let from = 0; from < orders.length; from += AT_ONCE) {
    const answer = await platform.predict(MODEL, orders.slice(from, from + AT_ONCE), { features: true })
    version = answer.version
    for (const prediction of answer.predictions) {
      if (!('score' in prediction)) throw new Error(JSON.stringify(prediction))
      const features = prediction.features!
      names.splice(0, names.length, ...features.map(({ name }) => name))
      rows.push(features.map(({ value }) => (value === null ? null : Number(value))))
      scores.push(prediction.score)
    }
  }
  return { version, names, rows, scores }
}

function outcome({ returns }: ShopHistory, { order }: Order): 0 | 1 {
  return returns.some((one) => one.order === order && (one.refund ?? 0) > 0) ? 1 : 0
}

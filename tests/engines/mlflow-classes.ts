// Models of several classes that are logged from Python become versions that serve.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { DAY } from '../../src/core/time.ts'
import type { OwnedPlatform } from '../../src/platform/app/open-platform.ts'
import { servePlatform } from '../../src/platform/app/serve.ts'
import { CLASSES, makeParcels, openParcels, plainState } from '../e2e/parcels-fixture.ts'
import { temporaryFolder, trainAndServe } from '../e2e/shop-fixture.ts'
import type { Check } from './suite.ts'

const MODEL = 'arrival_state'
const AUTHOR = 'cat'
const REVIEWER = 'ben'
/** Parcels of these days are learnt from. */
const LEARNT_DAYS = 9
const AT_ONCE = 100
/** Four units of the last place of LightGBM's doubles below 1, and sixteen of the float32 of XGBoost and onnxruntime. */
const MOST_DIFFERENCE: Readonly<Record<string, number>> = {
  lightgbm: 4 * 2 ** -53,
  xgboost: 16 * 2 ** -24,
  'onnx of scikit-learn': 16 * 2 ** -24,
  'onnx of names': 16 * 2 ** -24,
}

/** What the program logged: the probabilities that the library gives of each row, class after class. */
interface Told {
  readonly flavour: string
  readonly version: number
  readonly byOrder: boolean
  readonly probabilities: readonly (readonly number[])[]
}

type Parcel = ReturnType<typeof makeParcels>['parcels'][number]

/** Each flavour is logged with three classes, registered, held to a label with classes, promoted, and answers the library's probabilities. */
export async function checkClasses(python: string, check: Check): Promise<void> {
  await using folder = await temporaryFolder()
  const platform = await openParcels(folder.path, [plainState])
  const server = await servePlatform(platform, { port: 0 })
  try {
    await trainAndServe(platform, MODEL)
    const { parcels, arrivals } = makeParcels()
    const classes: readonly (string | null)[] = CLASSES
    const until = parcels[0]!.sent_at + LEARNT_DAYS * DAY
    const states = new Map(arrivals.map(({ parcel, state }) => [parcel, classes.indexOf(state)]))
    const asked = parcels.filter(({ parcel, sent_at }) => sent_at < until && (states.get(parcel) ?? -1) !== -1)
    const { names, rows } = await answersTo(platform, asked)
    for (const [place, input] of names.entries())
      assert.ok(new Set(rows.map((row) => row[place])).size > 2, `${input} hardly differs from parcel to parcel`)
    const file = join(folder.path, 'rows.json')
    const labels = asked.map(({ parcel }) => states.get(parcel)!)
    await writeFile(file, JSON.stringify({ names, rows, labels, classes: CLASSES }))
    const env = { ...process.env, MLFLOW_TRACKING_USERNAME: AUTHOR, MLFLOW_TRACKING_PASSWORD: 'any' }
    const args = [join(import.meta.dirname, 'mlflow_classes.py'), server.url, MODEL, file]
    const { stdout } = await promisify(execFile)(join(python, 'python'), args, {
      ...{ env, cwd: folder.path, maxBuffer: 1 << 26 },
    })
    const told = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as Told[]
    for (const one of told)
      await check(`${one.flavour} of three classes, logged from Python, serves the probabilities of the library`, () =>
        serves(platform, asked, one),
      )
  } finally {
    await server.close()
    await platform.close()
  }
}

async function serves(platform: OwnedPlatform, asked: readonly Parcel[], told: Told): Promise<void> {
  const { flavour, version, byOrder, probabilities } = told
  const candidate = await platform.importModel(MODEL, { name: AUTHOR }, { version, byOrder })
  assert.equal(candidate.version, version)
  await platform.approve(MODEL, version, { name: REVIEWER }, 'For the test.')
  await platform.promote(MODEL, version, { name: REVIEWER })
  const served = await answersTo(platform, asked)
  assert.equal(served.version, version)
  assert.equal(served.probabilities.length, probabilities.length)
  let farthest = 0
  const likeliest = new Set<number>()
  for (const [row, given] of served.probabilities.entries()) {
    const theirs = probabilities[row]!
    assert.equal(theirs.length, CLASSES.length)
    for (const [place, one] of given.entries()) farthest = Math.max(farthest, Math.abs(one - theirs[place]!))
    likeliest.add(theirs.indexOf(Math.max(...theirs)))
  }
  assert.equal(likeliest.size, CLASSES.length, 'the model never finds one of the classes the likeliest')
  assert.ok(farthest <= MOST_DIFFERENCE[flavour]!, `a probability is ${farthest} from that of ${flavour}`)
  console.log(`        version ${version} serves; ${probabilities.length} rows within ${farthest} of ${flavour}`)
}

/** What a model reads of parcels, and the probabilities that the version that serves gives, in the order of the classes. */
async function answersTo(platform: OwnedPlatform, asked: readonly Parcel[]) {
  let names: readonly string[] = []
  const rows: (string | number | null)[][] = []
  const probabilities: (readonly number[])[] = []
  let version = 0
  for (let from = 0; from < asked.length; from += AT_ONCE) {
    const answer = await platform.predict(MODEL, asked.slice(from, from + AT_ONCE), { features: true })
    version = answer.version
    for (const prediction of answer.predictions) {
      if (!('score' in prediction)) throw new Error(JSON.stringify(prediction))
      names = prediction.features!.map(({ name }) => name)
      rows.push(prediction.features!.map(({ value }) => value as string | number | null))
      const of = CLASSES.map((name) => prediction.probabilities![name]!)
      assert.equal(prediction.class, CLASSES[of.indexOf(Math.max(...of))])
      probabilities.push(of)
    }
  }
  return { version, names, rows, probabilities }
}

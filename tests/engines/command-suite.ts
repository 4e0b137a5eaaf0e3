import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { delimiter, join, resolve } from 'node:path'
import process from 'node:process'
import { virtualClock } from '../../src/core/clock.ts'
import { parseTime } from '../../src/core/time.ts'
import { readBundle } from '../../src/models/registry/bundle.ts'
import { loadProject } from '../../src/platform/app/load-project.ts'
import { type OwnedPlatform, openPlatform } from '../../src/platform/app/open-platform.ts'
import { makeShopData } from '../../src/platform/cli/shop-data.ts'
import { temporaryFolder } from '../e2e/shop-fixture.ts'
import { pythonWith } from './python.ts'
import type { EngineSuite } from './suite.ts'

const EXAMPLE = resolve(import.meta.dirname, '../../examples/python')
const NOW = parseTime('2026-06-01')
const ROWS = 300

/** A model of the example, the program that learns it, and how far scores may be from the library's own. */
const models = [
  // The library's own predictions of a text are of its category; margins are sums in double on both sides.
  { name: 'by_lightgbm', script: 'train_lightgbm.py', within: 1e-15 },
  // XGBoost makes probabilities of margins in float32.
  { name: 'by_xgboost', script: 'train_xgboost.py', within: 1e-7 },
  // The pipeline is in double, its graph in float32.
  { name: 'by_scikit_learn', script: 'train_scikit_learn.py', within: 1e-6 },
] as const

/** Programs in Python that learn models: trained, approved, served, and held to what their libraries predict themselves. */
export const commandSuite: EngineSuite = {
  name: 'command',
  async run(check) {
    await using folder = await temporaryFolder()
    const locked = (await readFile(join(EXAMPLE, 'requirements.lock'), 'utf8')).trim().split('\n')
    const before = process.env['PATH']
    const python = join(pythonWith('command', locked), 'python')
    process.env['PATH'] = `${await keepJobs(folder.path, python)}${delimiter}${before}`
    const platform = await openShop(folder.path)
    try {
      for (const model of models) {
        await check(`${model.name} is learnt, judged, approved, served, and predicts as its library does`, () =>
          tryModel(platform, model, folder.path, python),
        )
        await check(`${model.name} learnt again has the same digest`, () => learnAgain(platform, model.name))
      }
    } finally {
      await platform.close()
      process.env['PATH'] = before
    }
  },
}

/** A folder with a `python` that keeps the job of each program before it runs it. */
async function keepJobs(folder: string, python: string): Promise<string> {
  const bin = join(folder, 'bin')
  await mkdir(bin)
  const keep = `rm -rf '${folder}'/"$1" && cp -r "$(dirname "$TRUELINE_JOB")" '${folder}'/"$1"`
  const text = `#!/bin/sh\ncase "$1" in *.py) ${keep} ;; esac\nexec '${python}' "$@"\n`
  await writeFile(join(bin, 'python'), text, { mode: 0o755 })
  return bin
}

async function openShop(folder: string): Promise<OwnedPlatform> {
  const config = await loadProject(join(EXAMPLE, 'trueline.config.ts'))
  const directory = join(folder, 'data')
  const platform = await openPlatform({ config, folder: EXAMPLE, directory, clock: virtualClock(NOW) })
  for (const [name, text] of Object.entries(makeShopData(NOW))) {
    await writeFile(join(folder, `${name}.csv`), text)
    await platform.importHistory(name, join(folder, `${name}.csv`))
  }
  return platform
}

async function tryModel(
  platform: OwnedPlatform,
  { name, script, within }: (typeof models)[number],
  folder: string,
  python: string,
): Promise<void> {
  const { version, gate, metrics } = await platform.train(name, { name: 'ann' }, {})
  assert.equal(gate.verdict, 'pass', gate.sentence)
  assert.ok(metrics['validate_log_loss'] !== undefined || metrics['validate_auc'] !== undefined)
  await platform.approve(name, version, { name: 'ben' }, 'Its gate passed.')
  await platform.promote(name, version, { name: 'ben' })

  const lines = makeShopData(NOW).orders.trim().split('\n')
  const columns = lines[0]!.split(',')
  const asked = lines.slice(-ROWS).map((line, index) => {
    const row = Object.fromEntries(line.split(',').map((value, column) => [columns[column]!, value]))
    const numbers = { items: Number(row['items']), amount: Number(row['amount']) }
    return { ...row, ...numbers, order: `NEW${index}`, ordered_at: NOW + index }
  })
  const { predictions } = await platform.predict(name, asked, { features: true })
  const rows = predictions.map((one) =>
    Object.fromEntries(('features' in one ? one.features! : []).map(({ name: feature, value }) => [feature, value])),
  )
  const file = join(folder, `${name}.json`)
  await writeFile(file, JSON.stringify(rows))
  const helper = resolve(import.meta.dirname, 'predict_by_library.py')
  const said = execFileSync(python, [helper, join(EXAMPLE, script), join(folder, script), file], { encoding: 'utf8' })
  const expected = JSON.parse(said.trim().split('\n').at(-1)!) as number[]
  assert.equal(expected.length, ROWS)
  let farthest = 0
  for (const [row, prediction] of predictions.entries())
    farthest = Math.max(farthest, Math.abs(('score' in prediction ? prediction.score : Number.NaN) - expected[row]!))
  assert.ok(new Set(expected).size > ROWS / 10, 'the library predicts hardly anything')
  assert.ok(farthest <= within, `a score is ${farthest} from the library's`)
  console.log(`        scores within ${farthest} of the library's`)

  const bundle = readBundle(JSON.stringify(await platform.bundle(name, version)))
  const { program } = bundle.run.environment as { readonly program: Readonly<Record<string, unknown>> }
  const lock = await readFile(join(EXAMPLE, 'requirements.lock'), 'utf8')
  const { packages } = program['python'] as { readonly packages: Readonly<Record<string, string>> }
  for (const line of lock.trim().split('\n')) {
    const [library, locked] = line.split('==')
    assert.equal(packages[library!], locked, `${library} is on record`)
  }
  assert.equal(Buffer.from(bundle.contents[bundle.attachments['lock']!]!, 'base64').toString(), lock)
}

async function learnAgain(platform: OwnedPlatform, name: string): Promise<void> {
  const [served] = (await platform.models(name)).filter(({ variant }) => variant === 'full')
  const again = await platform.train(name, { name: 'ann' }, {})
  assert.equal(again.digest, served!.digest)
  assert.equal(again.isNew, false)
}

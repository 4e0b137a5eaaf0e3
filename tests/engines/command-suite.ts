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
import type { RebuildReport } from '../../src/platform/app/rebuild/rebuild-record.ts'
import { makeShopData } from '../../src/platform/cli/shop-data.ts'
import { temporaryFolder } from '../e2e/shop-fixture.ts'
import { trueline } from '../e2e/trueline.ts'
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
        await check(`${model.name} is rebuilt from its record to the bit`, () =>
          rebuildEqual(platform, model.name, folder.path),
        )
      }
      await check('a program is rebuilt from the files that were kept of it, whatever is in the project now', () =>
        rebuildElsewhere(platform, folder.path),
      )
      await check('a library of another version is named where a rebuild differs', () =>
        rebuildDifferent(platform, folder.path, python),
      )
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

/** The newest version of a model that reads everything, made again from its record. */
async function rebuild(platform: OwnedPlatform, name: string, folder: string, project: string) {
  const [served] = (await platform.models(name)).filter(({ variant }) => variant === 'full')
  const place = ['--config', join(project, 'trueline.config.ts'), '--directory', join(folder, 'data'), '--json']
  const { json, stderr } = await trueline('rebuild', name, String(served!.version), ...place)
  return { report: json as RebuildReport, stderr, digest: served!.digest }
}

async function rebuildEqual(platform: OwnedPlatform, name: string, folder: string): Promise<void> {
  const { report, stderr, digest } = await rebuild(platform, name, folder, EXAMPLE)
  assert.equal(report.verdict, 'equal', `${JSON.stringify(report)} ${stderr}`)
  assert.equal(report.rebuilt, digest)
}

async function rebuildElsewhere(platform: OwnedPlatform, folder: string): Promise<void> {
  const changed = join(folder, 'changed')
  await mkdir(changed)
  await writeFile(join(changed, 'train_lightgbm.py'), 'raise SystemExit("this is another program")')
  const { report, digest } = await rebuild(platform, 'by_lightgbm', folder, changed)
  assert.equal(report.verdict, 'equal')
  assert.equal(report.rebuilt, digest)
}

async function rebuildDifferent(platform: OwnedPlatform, folder: string, python: string): Promise<void> {
  // LightGBM as it were of another version, which stops sooner, before the one that is installed.
  const site = join(folder, 'site')
  await mkdir(join(site, 'lightgbm-9.9.9.dist-info'), { recursive: true })
  await writeFile(
    join(site, 'lightgbm-9.9.9.dist-info', 'METADATA'),
    'Metadata-Version: 2.1\nName: lightgbm\nVersion: 9.9.9\n',
  )
  const patch =
    'import lightgbm\nstop = lightgbm.early_stopping\nlightgbm.early_stopping = lambda rounds, **others: stop(2, **others)\n'
  await writeFile(join(site, 'sitecustomize.py'), patch)
  const bin = join(folder, 'bin', 'python')
  const before = await readFile(bin, 'utf8')
  await writeFile(bin, `#!/bin/sh\nPYTHONPATH='${site}' exec '${python}' "$@"\n`)
  try {
    const { report } = await rebuild(platform, 'by_lightgbm', folder, EXAMPLE)
    assert.equal(report.verdict, 'differs')
    assert.deepEqual(report.parts, ['scorer'])
    const named = report.differences.find(({ input }) => input === 'environment.program.python.packages.lightgbm')
    assert.match(named?.sentence ?? '', /was 4\.7\.0, and is 9\.9\.9 now/)
  } finally {
    await writeFile(bin, before)
  }
}

async function learnAgain(platform: OwnedPlatform, name: string): Promise<void> {
  const [served] = (await platform.models(name)).filter(({ variant }) => variant === 'full')
  const again = await platform.train(name, { name: 'ann' }, {})
  assert.equal(again.digest, served!.digest)
  assert.equal(again.isNew, false)
}

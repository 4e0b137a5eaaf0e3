import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { byTime, col, command, encode, label, model } from '../../src/index.ts'
import { collectProject } from '../../src/language/define/collect-project.ts'
import { readBundle } from '../../src/models/registry/bundle.ts'
import type { OwnedPlatform } from '../../src/platform/app/open-platform.ts'
import { customerOrders, importShop, makeHistory, openShop, orders, returns, temporaryFolder } from './shop-fixture.ts'

/** Programs of a project, as short as they can be: each writes a line over the features that its job lists. */
const programs = {
  'good.mjs': lineOf(
    '1',
    '{ amount: 0.01 }',
    "writeFileSync(output + '/metrics.json', JSON.stringify({ auc: 1, loss: 0.25 }))",
  ),
  'endless.mjs': lineOf('1e308', '{ amount: 1e308 }', ''),
  'hangs.mjs':
    "import { writeFileSync } from 'node:fs'; writeFileSync('pid', String(process.pid)); setInterval(() => {}, 1e6)",
}

function lineOf(otherwise: string, weights: string, more: string): string {
  return `
    import { readFileSync, writeFileSync } from 'node:fs'
    const { features, parameters, output } = JSON.parse(readFileSync(process.env.TRUELINE_JOB))
    console.log('it reads', features.length)
    const inputs = features.filter(({ type }) => type !== 'string').map(({ name }) => name)
    const weights = inputs.map((name) => ((${weights})[name] ?? 0) * parameters.slope)
    const line = { format: 'linear', inputs, weights, intercept: ${otherwise} * parameters.slope, link: parameters.link }
    writeFileSync(\`\${output}/model.json\`, JSON.stringify(line))
    ${more}`
}

const split = byTime({ train: '9d', validate: '3d', test: '3d' })
const run = (file: string): readonly string[] => [process.execPath, file]
const features = [customerOrders, encode.byProgram(orders.pick('product')), orders.pick('amount')]
const asked = { predicts: 'what comes back', at: orders, time: 'ordered_at', features, split } as const
const ofReturns = { label: label(returns, col('refund').gt(0)).on('order').within('2d').absent(false) }
const ofRefunds = { label: label(returns, col('refund')).on('order').within('2d').absent('exclude') }

const project = collectProject([
  model('good', {
    ...{ ...asked, ...ofReturns, gate: { metric: 'auc' } },
    trainer: command({ run: run('good.mjs'), parameters: { slope: -1, link: 'logistic' }, seed: 3, lock: 'lock' }),
  }),
  model('endless', {
    ...{ ...asked, ...ofRefunds },
    trainer: command({ run: run('endless.mjs'), parameters: { slope: 1, link: 'identity' } }),
  }),
  model('hangs', { ...asked, ...ofReturns, trainer: command({ run: run('hangs.mjs') }) }),
] as const)

const history = makeHistory()
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let base: string
let platform: OwnedPlatform

beforeAll(async () => {
  folder = await temporaryFolder()
  base = join(folder.path, 'project')
  await mkdir(base)
  for (const [name, text] of Object.entries({ ...programs, lock: 'nothing==1.0\n' }))
    await writeFile(join(base, name), text)
  platform = (await openShop({ folder: folder.path, project, base })).platform
  await importShop(platform, folder.path, history)
})

afterAll(async () => {
  await platform.close()
  await folder[Symbol.asyncDispose]()
})

const train = (name: string) => platform.train(name, { name: 'ann' }, { variant: 'without_windows' })

test('a model that a program learnt is judged here, approved, served and replayed, with all that it was made of on record', async () => {
  const trained = await train('good')
  expect(trained.imported).toEqual({ format: 'linear', writtenBy: 'a program', objective: 'logistic' })
  // What it says of itself never stands for what is measured here.
  expect(trained.metrics).toMatchObject({ 'program.auc': 1, loss: 0.25 })
  expect(trained.metrics['auc']).toBeLessThan(0.9)

  await platform.approve('good', trained.version, { name: 'ben' }, 'For the test.')
  await platform.promote('good', trained.version, { name: 'ben' })
  const { lines } = await platform.runLog({ run: trained.run })
  expect(lines.map(({ text }) => text)).toContain('it reads 2')
  const bundle = readBundle(JSON.stringify(await platform.bundle('good', trained.version)))
  const content = (name: string) => Buffer.from(bundle.contents[bundle.attachments[name]!]!, 'base64').toString()
  expect(content('log')).toBe('it reads 2\n')
  expect(content('lock')).toBe('nothing==1.0\n')
  expect(JSON.parse(content('source'))).toMatchObject({ inputs: ['amount'], weights: [-0.01], intercept: -1 })
  expect(bundle.evaluation).toMatchObject({ program: { format: 'linear', claimed: { auc: 1, loss: 0.25 } } })
  expect(bundle.run).toMatchObject({
    ...{ seed: 3, parameters: { slope: -1, link: 'logistic' } },
    environment: { program: { run: run('good.mjs'), files: { 'good.mjs': expect.stringMatching(/^sha256:/) } } },
  })

  const row = { ...history.orders.at(-1)!, order: 'NEW', amount: 50, ordered_at: platform.clock.now() + 1 }
  const [prediction] = (await platform.predict('good', [row])).predictions
  const { score, prediction_id: id } = prediction as { readonly score: number; readonly prediction_id: string }
  expect(score).toBeCloseTo(1 / (1 + Math.exp(1.5)), 12)
  expect(await platform.replay(id)).toMatchObject({ same: true })
})

test('a model that gives no finite scores is refused, and the registry knows no version', async () => {
  const refused = { code: 'unsupported_model', message: expect.stringMatching(/gives Infinity for \d+ of \d+ rows/) }
  await expect(train('endless')).rejects.toMatchObject(refused)
  expect(await platform.models('endless')).toEqual([])
})

test('a program outlives neither its run that is cancelled nor the platform that is closed', async () => {
  const file = join(base, 'pid')
  // The third training of this platform.
  const ways = {
    run_cancelled: async () => platform.cancelRun('run-3', { name: 'ann' }),
    platform_stopped: () => platform.close(),
  }
  for (const [code, end] of Object.entries(ways)) {
    await rm(file, { force: true })
    const training = train('hangs').catch((error: unknown) => error)
    while (!existsSync(file) || (await readFile(file, 'utf8')) === '') await wait(20)
    const pid = Number(await readFile(file, 'utf8'))
    expect(() => process.kill(pid, 0)).not.toThrow()
    await end()
    expect(await training).toMatchObject({ code })
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/)
  }
})

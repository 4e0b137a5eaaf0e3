import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../scripts/free-port.ts'
import type { GoldenPredictions } from '../../src/models/inference/golden-predictions.ts'
import type { ModelBundle } from '../../src/models/registry/bundle.ts'
import { importShop, makeHistory, openShop, trainAndServe } from '../e2e/shop-fixture.ts'
import { trueline } from '../e2e/trueline.ts'
import { type Buildah, buildBase, openBuildah, type RunningProgram } from './buildah.ts'
import { pythonWith } from './python.ts'
import type { EngineSuite } from './suite.ts'

const root = join(import.meta.dirname, '../..')
const CONFIG = join(root, 'tests/e2e/shop.config.ts')
const MODEL = 'sent_back'
const SECONDS_TO_BE_READY = 60

/** An image of a model, built and run for real: from nothing but node and its libraries, and not as root. */
export const imageSuite: EngineSuite = {
  name: 'image',
  async run(check) {
    const folder = await mkdtemp(join(tmpdir(), 'trueline-image-'))
    const context = join(folder, 'context')
    try {
      await check('a version is packaged by the command line', () => packageShop(folder, context))
      await check('manifests and the bill of materials are what their schemas say', () => validate(context))
      const buildah = openBuildah(folder)
      let image = ''
      await check('the image is built from its context, on a base that is named by its digest', async () => {
        image = await buildImage(buildah, folder, context)
      })
      await check('it runs as no root, becomes ready, and gives its golden predictions to the bit', () =>
        runImage(buildah, image, context),
      )
    } finally {
      // What a container wrote belongs to another user.
      await rm(folder, { recursive: true, force: true })
    }
  },
}

async function packageShop(folder: string, context: string): Promise<void> {
  const { platform } = await openShop({ folder })
  await importShop(platform, folder, makeHistory())
  const version = await trainAndServe(platform, MODEL)
  await platform.close()
  const build = spawnSync(process.execPath, [join(root, 'scripts/build.ts')], { cwd: root, encoding: 'utf8' })
  strictEqual(build.status, 0, build.stdout + build.stderr)
  const where = ['--config', CONFIG, '--directory', join(folder, 'data')]
  const ran = await trueline(...where, 'package', MODEL, '--to', context, '--json')
  strictEqual(ran.code, 0, ran.stderr)
  strictEqual(ran.json.version, version)
  const again = await trueline(...where, 'package', `${MODEL}@${version}`, '--to', context)
  match(again.stderr, /file_exists.*has something in it/)
}

/** By the schemas of Kubernetes and of CycloneDX, as their own packages for Python carry them. */
async function validate(context: string): Promise<void> {
  const bin = pythonWith('manifests', ['kubernetes-validate', 'cyclonedx-python-lib[json-validation]'])
  const folder = join(context, 'kubernetes')
  const files = (await readdir(folder)).map((name) => join(folder, name))
  const manifests = spawnSync(join(bin, 'kubernetes-validate'), ['--strict', ...files], { encoding: 'utf8' })
  strictEqual(manifests.status, 0, manifests.stdout + manifests.stderr)
  const program = `
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read())
sys.exit(0 if error is None else str(error))
`
  const bill = spawnSync(join(bin, 'python'), ['-c', program, join(context, 'sbom.cdx.json')], { encoding: 'utf8' })
  strictEqual(bill.status, 0, bill.stderr)
}

async function buildImage(buildah: Buildah, folder: string, context: string): Promise<string> {
  const bindings = join(context, 'app/node_modules/@duckdb', `node-bindings-linux-${process.arch}`)
  const linked = (await readdir(bindings)).filter((name) => /\.(node|so)$/.test(name))
  ok(linked.length > 0)
  const base = buildBase(
    buildah,
    folder,
    linked.map((name) => join(bindings, name)),
  )
  const name = 'trueline-sent-back'
  const build = ['bud', '--isolation', 'chroot', '--format', 'docker', '--tag', name]
  buildah.run(...build, '--build-arg', `BASE=${base}`, context)
  const images = JSON.parse(buildah.run('images', '--json', name)) as { readonly size: string }[]
  console.log(`        the image has ${images[0]!.size}`)
  return name
}

async function runImage(buildah: Buildah, image: string, context: string): Promise<void> {
  const container = buildah.run('from', image)
  const { config } = JSON.parse(JSON.parse(buildah.run('inspect', '--type', 'image', image)).Config)
  strictEqual(config.User, '65532:65532')
  const [http, grpc] = [await freePort(), await freePort()]
  const command = [...config.Entrypoint, ...config.Cmd].map((word: string) =>
    word === '7700' ? String(http) : word === '7701' ? String(grpc) : word,
  )
  const url = `http://127.0.0.1:${http}`
  const program = buildah.start(container, command)
  try {
    await becomesReady(url, program)
    const written = buildah.start(container, [
      'node',
      '-e',
      `console.log(process.getuid()); try { fs.writeFileSync('/app/x', '') } catch (error) { console.log(error.code) }`,
    ])
    strictEqual(await written.ended, 0)
    deepStrictEqual(written.output().trim().split('\n'), ['65532', 'EACCES'])
    await compareGolden(url, context)
  } finally {
    program.stop()
  }
  strictEqual(await program.ended, 0, program.output())
}

async function becomesReady(url: string, program: RunningProgram): Promise<void> {
  const end = performance.now() + SECONDS_TO_BE_READY * 1000
  let ended = false
  program.ended.then(() => {
    ended = true
  })
  while (performance.now() < end && !ended) {
    const answer = await fetch(`${url}/health/ready`).catch(() => undefined)
    if (answer?.ok) return
    await sleep(200)
  }
  throw new Error(`The container was not ready after ${SECONDS_TO_BE_READY} s: ${program.output()}`)
}

/** Asks for every golden prediction of the bundle by the inference protocol. */
async function compareGolden(url: string, context: string): Promise<void> {
  const bundle = JSON.parse(await readFile(join(context, 'model/bundle.json'), 'utf8')) as ModelBundle
  const content = Buffer.from(bundle.contents[bundle.attachments['golden']!]!, 'base64').toString('utf8')
  const { inputs, predictions } = JSON.parse(content) as GoldenPredictions
  const rows = predictions.length
  const body = {
    inputs: inputs.map((name, input) => {
      const data = predictions.map(({ values }) => values[input])
      return { name, shape: [rows], datatype: data.some((value) => typeof value === 'string') ? 'BYTES' : 'FP64', data }
    }),
    outputs: [{ name: 'score' }],
  }
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${url}/v2/models/${MODEL}/infer`, { method: 'POST', headers, body: JSON.stringify(body) })
  const { outputs } = (await answer.json()) as { outputs: { data: number[] }[] }
  const scores = outputs[0]!.data
  deepStrictEqual(
    scores,
    predictions.map(({ score }) => score),
  )
  for (const [index, score] of scores.entries())
    console.log(`        golden prediction ${index + 1}: ${score}, as when it was trained`)
}

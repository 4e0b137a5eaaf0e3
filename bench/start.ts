// From the start of the built package's `trueline up` to its first answer that it is ready, with a model of 10 MB that serves; and the same of
// a bare fastify that loads the same forest with onnxruntime.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { bundle } from '../scripts/bundle.ts'
import { freePort } from '../scripts/free-port.ts'
import { seededRandom } from '../src/core/random.ts'
import type { Forest } from '../src/models/inference/forest.ts'
import { forestOf, type TreeNode } from '../src/models/inference/forest-builder.ts'
import { encodeForest } from '../src/models/inference/forest-codec.ts'
import { exportOnnx } from '../src/models/inference/onnx-export.ts'
import { median, rounded } from './median.ts'
import type { BenchResult } from './result.ts'

const ROUNDS = Number(process.env['TRUELINE_BENCH_ROUNDS'] ?? 5)
const TREES = 600
const DEPTH = 9
/** As many as the model of the first project takes. */
const INPUTS = 10
/** Those that count what came back from the customer, and of the product. */
const RETURNS = new Set([2, 5])
const POLL_MS = 2

const root = join(import.meta.dirname, '..')

interface Start {
  readonly milliseconds: number
  /** Processor time of the process until it was ready, milliseconds. */
  readonly cpu: number
  readonly rss: number
}

export async function run(): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-start-'))
  try {
    const main = await buildPackage(folder)
    const forest = makeForest()
    const graph = join(folder, 'forest.onnx')
    writeFileSync(graph, exportOnnx(forest))
    const project = makeProject(folder, main, graph)
    const cache = join(folder, 'compiled')
    const ours = (): Promise<Start> => startOf([main, 'up', '--port'], project, cache, modelServes)
    const reference = (): Promise<Start> =>
      startOf([join(import.meta.dirname, 'start-reference-child.ts'), graph], project, cache)
    // What is compiled is kept by the first start: that one is told by itself.
    const first = await ours()
    await reference()
    const starts: Start[] = []
    const references: Start[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      starts.push(await ours())
      references.push(await reference())
    }
    const seconds = median(starts.map(({ milliseconds }) => milliseconds)) / 1000
    const referenceSeconds = median(references.map(({ milliseconds }) => milliseconds)) / 1000
    return {
      bench: 'start',
      ours: rounded(seconds, 3),
      reference: rounded(referenceSeconds, 3),
      ratio: rounded(referenceSeconds / seconds),
      unit: 's until ready',
      peak_rss_mb: Math.max(...starts.map(({ rss }) => rss)),
      rounds: ROUNDS,
      model_mb: rounded(encodeForest(forest).length / 1e6),
      cpu_s: rounded(median(starts.map(({ cpu }) => cpu)) / 1000),
      first_s: rounded(first.milliseconds / 1000, 3),
      of_reference: {
        cpu_s: rounded(median(references.map(({ cpu }) => cpu)) / 1000),
        peak_rss_mb: Math.max(...references.map(({ rss }) => rss)),
      },
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The package as it is installed, of these sources; gives the path of its command. */
async function buildPackage(folder: string): Promise<string> {
  const modules = join(folder, 'node_modules')
  const own = join(modules, 'trueline')
  mkdirSync(join(own, 'dist'), { recursive: true })
  copyFileSync(join(root, 'package.json'), join(own, 'package.json'))
  for (const name of ['node_modules', 'examples']) symlinkSync(join(root, name), join(own, name))
  const page = join(root, 'dist', 'console')
  if (existsSync(page)) symlinkSync(page, join(own, 'dist', 'console'))
  await bundle(join(root, 'src'), join(own, 'dist'))
  return join(own, 'dist', 'platform', 'cli', 'main.js')
}

/** Trees of random splits, where more returns are worse: no gate is passed by chance. */
function makeForest(): Forest {
  const random = seededRandom(34)
  const tree = (depth: number, risk = 0): TreeNode => {
    if (depth === 0) return { value: (risk + random.next() - 0.5) / 1000 }
    const feature = random.integer(INPUTS)
    const step = RETURNS.has(feature) ? 1 : 0
    const threshold = Math.fround(random.next() * (step === 1 ? 5 : 100))
    const [left, right] = [tree(depth - 1, risk - step), tree(depth - 1, risk + step)]
    return { ...{ feature, threshold, defaultLeft: true }, ...{ left, right } }
  }
  const featureNames = Array.from({ length: INPUTS }, (_, input) => `f${input}`)
  return forestOf(
    { objective: 'binary', baseMargin: -1, featureNames },
    Array.from({ length: TREES }, () => tree(DEPTH)),
  )
}

/** The first project of the README, with its data and that model serving; gives its folder. */
function makeProject(folder: string, main: string, graph: string): string {
  const project = join(folder, 'shop')
  mkdirSync(project)
  const command = (...words: string[]): string => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], {
      cwd: project,
      encoding: 'utf8',
    })
    // What the gate is not sure of may be approved all the same.
    const isDone = status === 0 || (status === 1 && stdout.includes('"verdict":"insufficient"'))
    if (!isDone) throw new Error(`trueline ${words.join(' ')} ended with ${status}: ${stdout}${stderr}`)
    return stdout
  }
  command('init')
  for (const stream of ['orders', 'returns']) command('ingest', stream, `${stream}.csv`, '--history')
  const imported = command('models', 'import', 'sent_back', '--file', graph, '--by-order', '--as', 'ada', '--json')
  const { version } = JSON.parse(imported) as { version: number }
  command('approve', 'sent_back', String(version), '--as', 'grace', '--reason', 'For the benchmark.')
  command('promote', 'sent_back', String(version))
  return project
}

/** Starts a server, which takes its port as the last word, waits until it is ready, and ends it. */
async function startOf(
  words: readonly string[],
  folder: string,
  cache: string,
  check?: (port: number) => Promise<void>,
): Promise<Start> {
  const port = await freePort()
  const began = performance.now()
  const env = { ...process.env, NODE_COMPILE_CACHE: cache }
  const child = spawn(process.execPath, [...words, String(port)], { cwd: folder, env, stdio: 'ignore' })
  const ended = once(child, 'exit')
  try {
    while (!(await isReady(port))) {
      if (child.exitCode !== null) throw new Error(`${words.join(' ')} ended with ${child.exitCode}`)
      await setTimeout(POLL_MS)
    }
    const start = { milliseconds: performance.now() - began, ...usedBy(child) }
    await check?.(port)
    return start
  } finally {
    child.kill()
    await ended
  }
}

async function modelServes(port: number): Promise<void> {
  const { ok, status } = await fetch(`http://127.0.0.1:${port}/v2/models/sent_back/ready`)
  if (!ok) throw new Error(`It is ready, and the model is not: ${status}.`)
}

async function isReady(port: number): Promise<boolean> {
  try {
    const { ok } = await fetch(`http://127.0.0.1:${port}/v2/health/ready`)
    return ok
  } catch {
    return false
  }
}

/** What a process has used up so far, where Linux tells of it. */
function usedBy({ pid }: ChildProcess): { readonly cpu: number; readonly rss: number } {
  if (process.platform !== 'linux') return { cpu: Number.NaN, rss: Number.NaN }
  const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ').slice(11, 13).map(Number)
  const rss = /^VmHWM:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return { cpu: (user! + system!) * 10, rss: Math.round(Number(rss) / 1024) }
}

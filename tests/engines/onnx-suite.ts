import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { systemClock } from '../../src/core/clock.ts'
import { rawModel } from '../../src/index.ts'
import { collectProject } from '../../src/language/define/collect-project.ts'
import { decodeScorer } from '../../src/models/inference/decode-scorer.ts'
import { calibrate, openGraph } from '../../src/models/inference/graph-engines.ts'
import { productGraph } from '../../src/models/inference/onnx-graphs.fixture.ts'
import { encodeOnnxScorer, readOnnxScoring } from '../../src/models/inference/onnx-scorer.ts'
import { openOnnxSession } from '../../src/models/inference/onnx-session.ts'
import { openPlatform } from '../../src/platform/app/open-platform.ts'
import { servePlatform } from '../../src/platform/app/serve.ts'
import { temporaryFolder } from '../e2e/shop-fixture.ts'
import { pythonWith } from './python.ts'
import type { EngineSuite } from './suite.ts'

const SWAPS = 1000
/** Swaps before those: by then all code is compiled, each pool has its size, and so has what malloc keeps for each thread. */
const SETTLED = 1000
/** Memory is that in the middle of so many looks, with some swaps between them: one alone may fall into a request. */
const LOOKS = 5
const SWAPS_BETWEEN = 10
const MOST_GROWTH = 1.05
/** What leaks grows in each; malloc may once take an arena more for a thread, and keeps it. */
const STRETCHES = 3
/** Graphs of the Python program that our evaluator may run: those of regressors that are trees. */
const TREE_GRAPHS = 3
const WIDTH = 200
const COLUMNS = 1000

/** Graphs of scikit-learn beside onnxruntime for Python, and a thousand swaps of graphs. */
export const onnxSuite: EngineSuite = {
  name: 'onnx',
  async run(check) {
    await check('graphs of scikit-learn have the bits of onnxruntime for Python, alone and together', sameAsPython)
    await check(`${SWAPS} swaps of a graph under load take no memory, and no request fails`, swapGraphs)
  },
}

interface Told {
  readonly models: readonly { readonly name: string; readonly output: string; readonly columns: number }[]
  readonly version: string
}

async function sameAsPython(): Promise<void> {
  await using folder = await temporaryFolder()
  const python = pythonWith('onnx', ['onnxruntime', 'skl2onnx', 'scikit-learn'])
  const args = [join(import.meta.dirname, 'onnx_models.py'), folder.path]
  const told = JSON.parse(execFileSync(join(python, 'python'), args, { encoding: 'utf8' })) as Told
  const read = (name: string): Float32Array => {
    const bytes = readFileSync(join(folder.path, name))
    return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
  }
  const values = read('rows')
  const rows = values.length / 7
  const trees: string[] = []
  for (const { name, output, columns } of told.models) {
    const graph = readFileSync(join(folder.path, `${name}.onnx`))
    const session = openOnnxSession(graph)
    const input = { name: session.inputs[0]!.name, datatype: 'FP32', shape: [rows, 7], data: values } as const
    const [together] = session.run([input], [output])
    assert.deepEqual(
      together!.data,
      read(`${name}.together`),
      `${name} differs on many rows in onnxruntime ${told.version}`,
    )
    session.close()
    const compared = calibrate(graph, systemClock())
    if (compared !== undefined) {
      assert.ok(compared.isSame, `${name} has other bits in our evaluator`)
      const evaluator = openGraph(graph, 'trueline_forest')
      const [sums] = evaluator.run([input], [output])
      assert.deepEqual(sums, together, `${name} differs in our evaluator`)
      evaluator.close()
      trees.push(`${name}: ${JSON.stringify({ engine: compared.engine, ...compared.times })}`)
    }
    const alone = read(`${name}.alone`)
    const scorer = decodeScorer(encodeOnnxScorer(graph, readOnnxScoring(graph)))
    const scores = scorer.scoreRows(Float64Array.from(values), rows)
    for (const [row, score] of scores.entries())
      assert.equal(score, alone[row * columns + columns - 1], `${name}, row ${row}`)
    scorer.close()
  }
  console.log(trees.map((line) => `        ${line}`).join('\n'))
  assert.equal(trees.length, TREE_GRAPHS, 'graphs of trees alone')
}

/** Memory of this process when what nobody holds is collected, bytes. */
async function memory(): Promise<number> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as (options: object) => void
  for (let time = 0; time < 3; time += 1) {
    // Also what V8 keeps in reserve for new objects, which doubles when it likes to.
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
    // What is freed when its owner was collected is freed in a later turn.
    await setImmediate()
  }
  return process.memoryUsage().rss
}

/** A client in a process of its own, whose memory is not the server's: asks until its input ends, and prints what it got. */
const client = `
const [url, body] = process.argv.slice(1)
const got = {}
let isOver = false
process.stdin.on('end', () => { isOver = true }).resume()
while (!isOver) {
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  const said = answer.status + ' ' + JSON.parse(await answer.text()).outputs?.[0].data[0]
  got[said] = (got[said] ?? 0) + 1
}
console.log(JSON.stringify(got))
`

/** What clients got while something was done, and how often: the status and the first number. */
async function whileClientsAsk(url: string, body: unknown, work: () => Promise<void>): Promise<Record<string, number>> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', client, url, JSON.stringify(body)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close')
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  try {
    await work()
  } finally {
    child.stdin.end()
    await ended
  }
  return JSON.parse(said) as Record<string, number>
}

async function swap(once: (turn: number) => Promise<void>): Promise<void> {
  let turn = 0
  const swapUntil = async (end: number): Promise<void> => {
    for (; turn < end; turn += 1) await once(turn)
  }
  const look = async (): Promise<number> => {
    const begin = turn
    const seen: number[] = []
    while (seen.length < LOOKS) {
      seen.push(await memory())
      await swapUntil(begin + seen.length * SWAPS_BETWEEN)
    }
    return seen.toSorted((one, other) => one - other)[Math.floor(LOOKS / 2)]!
  }
  await swapUntil(SETTLED)
  let before = await look()
  const grown: string[] = []
  while (grown.length < STRETCHES) {
    await swapUntil(turn + SWAPS)
    const after = await look()
    grown.push((after / before).toFixed(3))
    console.log(`        memory after ${SWAPS} swaps is ${grown.at(-1)} of what it was before`)
    if (after < before * MOST_GROWTH) return
    before = after
  }
  assert.fail(`memory grew with each ${SWAPS} swaps, to ${grown.join(', ')} of what it was before them`)
}

async function swapGraphs(): Promise<void> {
  await using folder = await temporaryFolder()
  const file = join(folder.path, 'product.onnx')
  const graphs = [1, 2].map((weight) => productGraph(WIDTH, new Float32Array(WIDTH * COLUMNS).fill(weight)))
  await writeFile(file, graphs[0]!)
  const config = collectProject([rawModel('product', { file: 'product.onnx', warmup: { rows: [1, WIDTH] } })])
  const platform = await openPlatform({ config, folder: folder.path, directory: join(folder.path, 'data') })
  const server = await servePlatform(platform, { port: 0 })
  const inputs = [{ name: 'rows', datatype: 'FP32', shape: [1, WIDTH], data: new Array(WIDTH).fill(1) }]
  try {
    const got = await whileClientsAsk(`${server.url}/v2/models/product/infer`, { inputs }, () =>
      swap(async (turn) => {
        await writeFile(file, graphs[(turn + 1) % 2]!)
        await platform.inference.load('product')
      }),
    )
    assert.deepEqual(new Set(Object.keys(got)), new Set([`200 ${WIDTH}`, `200 ${2 * WIDTH}`]))
    const asked = Object.values(got).reduce((sum, count) => sum + count, 0)
    assert.ok(asked > SWAPS / 2, `only ${asked} requests came`)
  } finally {
    await server.close()
    await platform.close()
  }
}

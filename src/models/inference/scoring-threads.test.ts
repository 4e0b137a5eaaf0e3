import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import type { Encoders } from './encoders.ts'
import { encodeForest } from './forest-codec.ts'
import { generateForest } from './forests.fixture.ts'
import { productGraph } from './onnx-graphs.fixture.ts'
import { encodeOnnxScorer, readOnnxScoring } from './onnx-scorer.ts'
import { type ScorerBytes, scorerOf } from './scoring-share.ts'
import { startScoringThreads } from './scoring-threads.ts'

/** Three threads are worth it. */
const ANNOUNCED = 450_000
/** Several blocks, and some more. */
const ROWS = 50_001
const INPUTS = 4
const random = seededRandom(11)
const columns = Array.from({ length: INPUTS }, () => {
  const column = new Float64Array(new SharedArrayBuffer(8 * ROWS))
  for (let row = 0; row < ROWS; row += 1) column[row] = random.integer(20) === 0 ? Number.NaN : random.next() * 4 - 2
  return column
})
const plain: Encoders = {
  inputs: Array.from({ length: INPUTS }, (_, input) => ({ name: `f${input}`, type: 'number' })),
}
const scaled: Encoders = {
  ...plain,
  columns: plain.inputs.map((_, input) => ({ input, encoder: { kind: 'scale', center: 0.5, spread: 3 } })),
}

function bytesOf(scorer: Uint8Array, encoders: Encoders): ScorerBytes {
  return { scorer, encoders: new TextEncoder().encode(JSON.stringify(encoders)) }
}

test.each([
  ['of one output', 1, plain],
  ['of several outputs', 3, plain],
  ['with encoders', 1, scaled],
])('any number of threads gives the same bits: a forest %s', async (_, outputs, encoders) => {
  let seed = 1
  while (generateForest(seed).forest.outputs !== outputs || generateForest(seed).forest.nodes.value.length < 50)
    seed += 1
  const bytes = bytesOf(encodeForest(generateForest(seed).forest), encoders)
  const scorer = scorerOf(bytes)
  const expected = scorer.scoreColumns(columns, ROWS)
  expect(new Set(expected).size).toBeGreaterThan(5)
  for (const most of [1, 2, 3]) {
    const threads = startScoringThreads(scorer, bytes, ANNOUNCED, most)
    try {
      // Twice: a thread that is done waits for more.
      for (const rows of [ROWS, 1000]) {
        const scores = await threads.scoreColumns(columns, rows)
        expect(Buffer.compare(Buffer.from(scores.buffer), Buffer.from(expected.buffer, 0, scores.byteLength))).toBe(0)
      }
    } finally {
      await threads.stop()
    }
  }
  scorer.close()
})

test('a thread that cannot score fails the whole, and no row is given', async () => {
  const { forest } = generateForest(1)
  const good = bytesOf(encodeForest(forest), plain)
  const scorer = scorerOf(good)
  const threads = startScoringThreads(scorer, { ...good, scorer: good.scorer.subarray(0, 40) }, ANNOUNCED, 2)
  await expect(threads.scoreColumns(columns, ROWS)).rejects.toThrow(/cannot be read|damaged|corrupt/i)
  await threads.stop()
  scorer.close()
})

test('the calling thread alone scores rows by a graph', async () => {
  const graph = productGraph(INPUTS, Float32Array.of(0.5, -1, 2, 0.25))
  const good = bytesOf(encodeOnnxScorer(graph, readOnnxScoring(graph)), plain)
  const scorer = scorerOf(good)
  // Another thread would fail by these.
  const threads = startScoringThreads(scorer, { ...good, encoders: new Uint8Array() }, ANNOUNCED, 2)
  const some = columns.map((column) => column.subarray(0, 1000))
  expect(await threads.scoreColumns(columns, 1000)).toEqual(scorer.scoreColumns(some, 1000))
  await threads.stop()
  scorer.close()
})

import { expect, test } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { type Random, seededRandom } from '../../core/random.ts'
import { forestOf, type TreeNode } from './forest-builder.ts'
import { calibrate, compareEngines, openGraph } from './graph-engines.ts'
import { exportOnnx } from './onnx-export.ts'
import { identityGraph, productGraph } from './onnx-graphs.fixture.ts'
import type { OnnxSession } from './onnx-session.ts'
import type { Tensor } from './tensor.ts'
import { readTreeGraph } from './tree-graph.ts'

const INPUTS = 3

function treeOf(random: Random, depth: number): TreeNode {
  if (depth === 0) return { value: random.next() - 0.5 }
  const split = { feature: random.integer(INPUTS), threshold: Math.fround(random.next()) }
  return {
    ...{ ...split, defaultLeft: random.next() < 0.5 },
    ...{ left: treeOf(random, depth - 1), right: treeOf(random, depth - 1) },
  }
}

function graphOf(objective: 'regression' | 'binary', trees: number, depth: number): Uint8Array {
  const random = seededRandom(trees)
  const featureNames = Array.from({ length: INPUTS }, (_, input) => `f${input}`)
  const grown = Array.from({ length: trees }, () => treeOf(random, depth))
  return exportOnnx(forestOf({ objective, baseMargin: 0.25, featureNames }, grown))
}

/** A clock by which every other look at it took this long: of two engines that take turns, the times of both in turn. */
function clockOf(ours: number, theirs: number) {
  let [time, looks] = [0, 0]
  return {
    elapsed() {
      // The first measure of all is of onnxruntime alone; from then on engines change with each second measure.
      const measure = Math.floor(looks / 2)
      if (looks % 2 === 1) time += measure === 0 || Math.floor((measure - 1) / 2) % 2 === 1 ? theirs : ours
      looks += 1
      return time
    },
  }
}

test('the faster of two engines with the same bits is chosen, and only then is there a choice', () => {
  const graph = graphOf('regression', 20, 4)
  expect(calibrate(graph, clockOf(10, 30))).toMatchObject({
    ...{ engine: 'trueline_forest', isSame: true },
    rows: 256,
    times: {
      trueline_forest: { alone: 10 / 16, among: 10 / 256 },
      onnxruntime_onnx: { alone: 30 / 16, among: 30 / 256 },
    },
  })
  expect(calibrate(graph, clockOf(30, 10))).toMatchObject({ engine: 'onnxruntime_onnx', isSame: true })
  expect(calibrate(graph, systemClock())!.times.trueline_forest.alone).toBeGreaterThan(0)
  for (const other of [identityGraph(), productGraph(INPUTS, new Float32Array(INPUTS)), graphOf('binary', 2, 2)])
    expect(calibrate(other, clockOf(10, 30))).toBeUndefined()
})

test('an engine with other bits is not chosen, however fast it is', () => {
  const graph = graphOf('regression', 20, 4)
  const [ours, other] = [graph, graphOf('regression', 19, 4)].map((bytes) => openGraph(bytes, 'trueline_forest'))
  const theirs = openGraph(graph, 'onnxruntime_onnx')
  const choice = (session: OnnxSession) => compareEngines(readTreeGraph(graph)!, session, theirs, clockOf(1, 30))
  expect(choice(ours!)).toMatchObject({ engine: 'trueline_forest', isSame: true })
  expect(choice(other!)).toMatchObject({ engine: 'onnxruntime_onnx', isSame: false })
  for (const session of [ours!, other!, theirs]) session.close()
})

test('both engines give the same bits for any rows, none too', () => {
  const graph = graphOf('regression', 50, 5)
  const random = seededRandom(9)
  const ours = openGraph(graph, 'trueline_forest')
  const theirs = openGraph(graph, 'onnxruntime_onnx')
  for (const rows of [0, 1, 2, 255, 256, 257, 1000]) {
    const data = Float32Array.from({ length: rows * INPUTS }, () =>
      random.next() < 0.1 ? Number.NaN : (random.next() - 0.2) * 10 ** random.integer(3),
    )
    const given: Tensor = { name: 'features', datatype: 'FP32', shape: [rows, INPUTS], data }
    expect(ours.run([given], ['margin'])).toEqual(theirs.run([given], ['margin']))
  }
  ours.close()
  theirs.close()
})

import { expect, test } from 'vitest'
import { digestOf } from '../../../core/digest.ts'
import { exp, sigmoid } from '../../../core/math/exp.ts'
import { log } from '../../../core/math/log.ts'
import { seededRandom } from '../../../core/random.ts'
import { type GbdtParameters, gbdtParameters } from '../../../language/define/gbdt.ts'
import { type Forest, treeCount } from '../../inference/forest.ts'
import { encodeForest } from '../../inference/forest-codec.ts'
import { allocate } from './shared-memory.ts'
import { type GbdtOptions, trainGbdt } from './train-gbdt.ts'
import type { GbdtData } from './training-data.ts'

const missing = Number.NaN
const defaults = Object.fromEntries(Object.entries(gbdtParameters).map(([name, { default: value }]) => [name, value]))

function parametersWith(changes: Partial<GbdtParameters>): GbdtParameters {
  return { ...(defaults as unknown as GbdtParameters), earlyStopping: 0, ...changes }
}

const binary: GbdtOptions = { objective: 'binary', threads: 1 }
const regression: GbdtOptions = { objective: 'regression', threads: 1 }

/** A table of `features` random columns, labelled by a function of the row. */
function tableOf(
  rows: number,
  features: number,
  seed: number,
  label: (row: number[], chance: number) => number,
): GbdtData {
  const random = seededRandom(seed)
  const columns = Array.from({ length: features }, () => new Float32Array(rows))
  const labels = new Float32Array(rows)
  for (let row = 0; row < rows; row += 1) {
    const values = columns.map(() => Math.fround(random.next() * 2 - 1))
    columns.forEach((column, i) => {
      column[row] = values[i] as number
    })
    labels[row] = label(values, random.next())
  }
  return { rows, featureNames: columns.map((_, i) => `f${i}`), columns, labels }
}

/** As many columns as ask for several groups, missing values, a constant, and labels that follow some of them. */
function mixedTable(rows: number, features: number, seed: number): GbdtData {
  const table = tableOf(rows, features, seed, ([a = 0, b = 0, c = 0], chance) => {
    const margin = 2 * a * b + (c > 0.3 ? 1 : -0.5)
    return chance < sigmoid(2 * margin) ? 1 : 0
  })
  const random = seededRandom(seed + 1)
  table.columns[1]?.forEach((value, row) => {
    if (random.next() < 0.2) (table.columns[1] as Float32Array)[row] = missing
    else if (features > 3) (table.columns[3] as Float32Array)[row] = Math.round(value * 3)
  })
  table.columns[features - 1]?.fill(7)
  return table
}

/** The margin of a row as forest.ts says it, as plainly as it can be said. */
function marginOf({ nodes, treeStarts, baseMargins }: Forest, columns: readonly Float32Array[], row: number): number {
  let margin = baseMargins[0]!
  for (const start of treeStarts.subarray(0, -1)) {
    let node = start
    for (let feature = nodes.feature[node] as number; feature >= 0; feature = nodes.feature[node] as number) {
      const value = columns[feature]?.[row] as number
      const left = Number.isNaN(value) ? nodes.rule[node] === 1 : value < (nodes.threshold[node] as number)
      node = left ? node + 1 : (nodes.right[node] as number)
    }
    margin = Math.fround(margin + (nodes.value[node] as number))
  }
  return margin
}

function logLoss(forest: Forest, { columns, labels, rows }: GbdtData): number {
  let sum = 0
  for (let row = 0; row < rows; row += 1) {
    const margin = marginOf(forest, columns, row)
    sum += log(1 + exp(labels[row] === 1 ? -margin : margin))
  }
  return sum / rows
}

test('the bytes of a forest are the same for any number of threads', async () => {
  // More rows than are summed exactly in one piece, and more features than fit one group.
  const data = mixedTable(40_000, 50, 11)
  const parameters = parametersWith({ trees: 2, depth: 4, subsample: 0.9, columnsample: 0.5 })
  const digests: string[] = []
  for (const threads of [1, 2, 3]) {
    const { forest } = await trainGbdt(data, undefined, parameters, { objective: 'binary', threads })
    digests.push(digestOf(encodeForest(forest)))
  }
  expect(new Set(digests).size).toBe(1)
})

test.each([1, 2, 6, 11, 14, 19, 21, 26, 30, 34, 37, 42, 46, 50])(
  'compiled code and JavaScript grow the same trees, of %i features',
  async (features) => {
    for (const options of [binary, regression]) {
      const table = mixedTable(1500, features, features)
      const labels = options === binary ? table.labels : (table.columns[0] as Float32Array)
      const weights = labels.map((_, row) => (row % 4) / 3)
      for (const data of [
        { ...table, labels },
        { ...table, labels, weights },
      ]) {
        const parameters = parametersWith({ trees: 3, depth: 4 })
        const [compiled, plain] = await Promise.all(
          (['compiled', 'plain'] as const).map((kernel) =>
            trainGbdt(data, undefined, parameters, { ...options, kernel }),
          ),
        )
        expect(encodeForest(compiled!.forest)).toEqual(encodeForest(plain!.forest))
      }
    }
  },
)

test('what is done row by row is compiled where it can be', () => {
  const shape = { objective: 'binary', features: 3, rows: 10, validationRows: 0, threads: 2, weights: {} } as const
  const memory = allocate({ ...shape, parameters: parametersWith({}) })
  expect(memory.derivatives.buffer).toBe(memory.compiled?.buffer)
  expect(allocate({ ...shape, parameters: parametersWith({}) }, 'plain').compiled).toBeUndefined()
})

test('the bytes of a forest do not depend on the host', async () => {
  const data = mixedTable(3000, 7, 12)
  const { forest } = await trainGbdt(data, undefined, parametersWith({ trees: 20, depth: 5 }), {
    ...binary,
    threads: 2,
  })
  expect(digestOf(encodeForest(forest))).toBe('sha256:a22f7de0d4cbf3a4a84e122b552bc625f0afd5f94789335ac987102775007e3e')
  const continuous = { ...data, labels: data.columns[0] as Float32Array }
  const other = await trainGbdt(
    continuous,
    undefined,
    parametersWith({ trees: 20, subsample: 0.5, columnsample: 0.7 }),
    regression,
  )
  expect(digestOf(encodeForest(other.forest))).toBe(
    'sha256:0d108bdf08709a2a946ac20fd5d8447cbdf2d8d8e5f83966f92f01f460a5073c',
  )
})

test('columns that are given away are freed, and the others left as they are', async () => {
  const train = async (ownsColumns: boolean) => {
    const [data, validation] = [mixedTable(2000, 7, 12), mixedTable(500, 7, 13)]
    const parameters = parametersWith({ trees: 3, depth: 4 })
    const { forest } = await trainGbdt(data, validation, parameters, { ...binary, threads: 2, ownsColumns })
    const left = [...data.columns, ...validation.columns].map(({ length }) => length)
    return { bytes: encodeForest(forest), left: [...new Set(left)] }
  }
  const [given, kept] = [await train(true), await train(false)]
  expect(given.left).toEqual([0])
  expect(kept.left).toEqual([2000, 500])
  expect(given.bytes).toEqual(kept.bytes)
})

test('another seed draws other rows and features', async () => {
  const data = mixedTable(2000, 7, 13)
  const forests = await Promise.all(
    [1, 2].map((seed) =>
      trainGbdt(data, undefined, parametersWith({ trees: 5, subsample: 0.5, columnsample: 0.5, seed }), binary),
    ),
  )
  const digests = forests.map(({ forest }) => digestOf(encodeForest(forest)))
  expect(digests[0]).not.toBe(digests[1])
})

test('it learns an exclusive or, which no single feature tells', async () => {
  const xor = tableOf(4000, 4, 14, ([a = 0, b = 0]) => (a > 0 === b > 0 ? 0 : 1))
  const { forest, importance } = await trainGbdt(xor, undefined, parametersWith({ trees: 40, depth: 4 }), binary)
  expect(logLoss(forest, xor)).toBeLessThan(0.05)
  const [a = 0, b = 0, c = 0, d = 0] = importance
  expect(Math.min(a, b)).toBeGreaterThan(10 * Math.max(c, d))
})

test('it learns a linear function', async () => {
  const linear = tableOf(5000, 3, 15, ([a = 0, b = 0]) => 1000 + 30 * a - 10 * b)
  const fresh = tableOf(1000, 3, 16, ([a = 0, b = 0]) => 1000 + 30 * a - 10 * b)
  const { forest, history } = await trainGbdt(linear, fresh, parametersWith({ trees: 150, depth: 5 }), regression)
  expect(forest.baseMargins[0]).toBeCloseTo(1000, -1)
  expect(history.validation.at(-1)).toBeLessThan(1.2)
})

test('missing values go the way that lowers the loss, even where they are all that tells', async () => {
  const data = tableOf(4000, 2, 17, (_, chance) => (chance < 0.5 ? 1 : 0))
  const [flag, constant] = data.columns as [Float32Array, Float32Array]
  data.labels.forEach((label, row) => {
    if (label === 1) flag[row] = missing
    constant[row] = label === 1 ? missing : 3
  })
  const { forest } = await trainGbdt(data, undefined, parametersWith({ trees: 30, depth: 2 }), binary)
  expect(logLoss(forest, data)).toBeLessThan(0.02)
  const onlyConstant = { ...data, columns: [constant], featureNames: ['constant'] }
  const { forest: other } = await trainGbdt(onlyConstant, undefined, parametersWith({ trees: 30, depth: 2 }), binary)
  expect(logLoss(other, onlyConstant)).toBeLessThan(0.02)
  expect([...other.nodes.threshold]).toContain(Number.POSITIVE_INFINITY)
})

test('rare labels are learned, though each gradient is far below one unit', async () => {
  const rare = tableOf(120_000, 2, 18, ([a = 0], chance) => (chance < (a > 0.5 ? 0.002 : 0.0001) ? 1 : 0))
  const { forest } = await trainGbdt(
    rare,
    undefined,
    parametersWith({ trees: 20, depth: 1, minChildWeight: 0 }),
    binary,
  )
  const margins = [0.9, 0.1].map((value) => marginOf(forest, [Float32Array.of(value), Float32Array.of(0)], 0))
  expect(sigmoid(margins[0] as number) / sigmoid(margins[1] as number)).toBeGreaterThan(5)
})

test.each([binary, regression])('weights of $objective rows are in the units of the penalty', async (options) => {
  const table = mixedTable(3000, 6, 3)
  const plain = await trainGbdt(table, table, parametersWith({ trees: 8, minChildWeight: 2 }), options)
  const fourTimes = { ...table, weights: new Float32Array(3000).fill(4) }
  const parameters = parametersWith({ trees: 8, minChildWeight: 8, lambda: 4 })
  const weighted = await trainGbdt(fourTimes, fourTimes, parameters, options)
  if (options === binary) expect(encodeForest(weighted.forest)).toEqual(encodeForest(plain.forest))
  for (const [tree, loss] of plain.history.validation.entries())
    expect(weighted.history.validation[tree]).toBeCloseTo(loss, options === binary ? 12 : 3)
})

test.each([binary, regression])('a $objective row of weight 3 is learned as the row three times', async (options) => {
  const random = seededRandom(4)
  const table = tableOf(6000, 3, 5, ([a = 0, b = 0], chance) => {
    const sum = a + b > 0 ? 1 : -1
    return options === binary ? Number(chance < sigmoid(2 * sum)) : sum + chance
  })
  // Few values, so that both tables are cut alike.
  for (const column of table.columns) for (const [row, value] of column.entries()) column[row] = Math.round(8 * value)
  const times = Array.from(table.labels, (label) => (label > 0.5 ? 3 : random.integer(2)))
  const repeated = times.flatMap((count, row) => Array<number>(count).fill(row))
  const parameters = parametersWith({ trees: 20, depth: 3 })
  const weighted = await trainGbdt({ ...table, weights: Float32Array.from(times) }, undefined, parameters, options)
  const other = await trainGbdt(
    {
      ...table,
      rows: repeated.length,
      columns: table.columns.map((column) => Float32Array.from(repeated, (row) => column[row]!)),
      labels: Float32Array.from(repeated, (row) => table.labels[row]!),
    },
    undefined,
    parameters,
    options,
  )
  let distance = 0
  for (let row = 0; row < table.rows; row += 1)
    distance += Math.abs(marginOf(weighted.forest, table.columns, row) - marginOf(other.forest, table.columns, row))
  expect(distance / table.rows).toBeLessThan(0.03)
})

test('early stopping keeps the trees up to the best loss on the validation rows', async () => {
  const noisy = (seed: number): GbdtData => tableOf(800, 5, seed, ([a = 0], chance) => (chance < sigmoid(a) ? 1 : 0))
  const validation = noisy(20)
  const seen: number[] = []
  const { forest, history, bestIteration } = await trainGbdt(
    noisy(19),
    validation,
    parametersWith({ trees: 300, earlyStopping: 7 }),
    { ...binary, onProgress: ({ rounds, of, validation: loss }) => seen.push(rounds / of + 0 * (loss as number)) },
  )
  const losses = history.validation
  expect(losses.length).toBeLessThan(300)
  expect(bestIteration).toBe(losses.indexOf(Math.min(...losses)) + 1)
  expect(losses).toHaveLength(bestIteration + 7)
  expect(treeCount(forest)).toBe(bestIteration)
  expect(seen).toHaveLength(losses.length)
  expect(seen[0]).toBeCloseTo(1 / 300)
  // The loss it reports is that of the forest it returns, computed apart.
  expect(logLoss(forest, validation)).toBeCloseTo(losses[bestIteration - 1] as number, 12)
})

test('without early stopping all trees are kept and the losses reported', async () => {
  const data = mixedTable(500, 5, 21)
  const { history, bestIteration, forest } = await trainGbdt(
    data,
    mixedTable(300, 5, 22),
    parametersWith({ trees: 12 }),
    binary,
  )
  expect(history.validation).toHaveLength(12)
  expect([bestIteration, treeCount(forest)]).toEqual([12, 12])
})

test('columns without information are never split on', async () => {
  const data = tableOf(1000, 3, 23, ([a = 0]) => (a > 0 ? 1 : 0))
  data.columns[1]?.fill(4)
  data.columns[2]?.fill(missing)
  const { importance } = await trainGbdt(data, undefined, parametersWith({ trees: 5 }), binary)
  expect(importance[0]).toBeGreaterThan(0)
  expect(importance.slice(1)).toEqual([0, 0])
})

test('regressions without anything to learn are constant', async () => {
  const one = { rows: 1, featureNames: ['a'], columns: [Float32Array.of(2)], labels: Float32Array.of(5) }
  const { forest } = await trainGbdt(one, undefined, parametersWith({ trees: 2, subsample: 0.01 }), regression)
  expect(marginOf(forest, one.columns, 0)).toBe(5)
  const flat = { ...tableOf(50, 2, 24, () => 5) }
  const { forest: other } = await trainGbdt(flat, undefined, parametersWith({ trees: 2 }), regression)
  expect(other.nodes.feature).toEqual(Int32Array.of(-1, -1))
  expect(marginOf(other, flat.columns, 3)).toBe(5)
})

test('labels of any size are learned', async () => {
  for (const size of [1e-30, 1e30]) {
    const data = tableOf(500, 1, 25, ([a = 0]) => Math.fround(a > 0 ? size : -size))
    const { forest } = await trainGbdt(data, undefined, parametersWith({ trees: 60 }), regression)
    const margin = marginOf(forest, [Float32Array.of(0.5)], 0)
    expect(margin / size).toBeCloseTo(1, 2)
  }
})

test('tables that nothing can be learned from are refused by code', async () => {
  const good = mixedTable(50, 3, 26)
  const train = (data: GbdtData, validation?: GbdtData, options = binary): Promise<unknown> =>
    trainGbdt(data, validation, parametersWith({ trees: 1 }), options)
  const code = (wanted: string): object => expect.objectContaining({ code: wanted })
  await expect(train({ ...good, labels: new Float32Array(50) })).rejects.toEqual(code('single_class'))
  await expect(train({ ...good, labels: new Float32Array(50).fill(2) })).rejects.toEqual(code('invalid_label'))
  await expect(train({ ...good, labels: new Float32Array(50).fill(missing) }, undefined, regression)).rejects.toEqual(
    code('invalid_label'),
  )
  await expect(train({ ...good, columns: [], featureNames: [] })).rejects.toEqual(code('invalid_parameter'))
  await expect(train({ ...good, featureNames: ['a'] })).rejects.toEqual(code('invalid_parameter'))
  await expect(train({ ...good, columns: [new Float32Array(3), ...good.columns.slice(1)] })).rejects.toEqual(
    code('invalid_parameter'),
  )
  await expect(train({ ...good, labels: new Float32Array(3) })).rejects.toEqual(code('invalid_parameter'))
  await expect(train(mixedTable(0, 3, 1))).rejects.toEqual(code('no_training_rows'))
  await expect(train(good, mixedTable(0, 3, 1))).rejects.toEqual(code('no_training_rows'))
  await expect(train(good, mixedTable(10, 4, 1))).rejects.toEqual(code('invalid_parameter'))
})

test('weights that say nothing are refused by code', async () => {
  const table = mixedTable(20, 4, 1)
  for (const weight of [-1, Number.NaN, Number.POSITIVE_INFINITY, 0]) {
    const weights = new Float32Array(20).fill(weight)
    await expect(trainGbdt({ ...table, weights }, undefined, parametersWith({}), binary)).rejects.toMatchObject({
      code: 'invalid_weight',
    })
  }
  const weights = table.labels.slice()
  await expect(trainGbdt({ ...table, weights }, undefined, parametersWith({}), binary)).rejects.toMatchObject({
    code: 'single_class',
  })
})

test('parameters out of range are refused by name', async () => {
  const data = mixedTable(50, 3, 27)
  const wrong: Partial<GbdtParameters>[] = [
    { trees: 0 },
    { depth: 2.5 },
    { learningRate: missing },
    { subsample: 0 },
    { maxBins: 256 },
  ]
  for (const changes of wrong) {
    const [path] = Object.keys(changes)
    await expect(trainGbdt(data, undefined, parametersWith(changes), binary)).rejects.toMatchObject({
      code: 'invalid_parameter',
      path,
      message: expect.stringMatching(/from .* to /),
    })
  }
  for (const threads of [0, 1.5, 65])
    await expect(trainGbdt(data, undefined, parametersWith({}), { ...binary, threads })).rejects.toMatchObject({
      path: 'threads',
    })
  const wide = {
    ...data,
    columns: Array<Float32Array>(1000).fill(data.columns[0] as Float32Array),
    featureNames: Array<string>(1000).fill('x'),
  }
  const deep = {
    ...wide,
    rows: 5000,
    columns: wide.columns.map(() => new Float32Array(5000)),
    labels: new Float32Array(5000).map((_, i) => i % 2),
  }
  await expect(trainGbdt(deep, undefined, parametersWith({ depth: 12 }), binary)).rejects.toMatchObject({
    path: 'depth',
  })
})

test('a training ends when its signal is aborted, and leaves no thread behind', async () => {
  const data = mixedTable(2000, 5, 28)
  const controller = new AbortController()
  let trees = 0
  const training = trainGbdt(data, undefined, parametersWith({ trees: 10_000 }), {
    objective: 'binary',
    threads: 3,
    signal: controller.signal,
    onProgress: (progress) => {
      trees = progress.rounds
      if (trees === 5) controller.abort(new Error('enough'))
    },
  })
  await expect(training).rejects.toThrow('enough')
  expect(trees).toBe(5)
  await expect(
    trainGbdt(data, undefined, parametersWith({}), { ...binary, signal: controller.signal }),
  ).rejects.toThrow('enough')
})

test('covers say how much the rows of each node count: 1 of a regression, and what a probability leaves open', async () => {
  const table = mixedTable(2_000, 5, 3)
  const parameters = parametersWith({ trees: 3, depth: 4 })
  const { covers, forest } = await trainGbdt(table, undefined, parameters, regression)
  expect(forest.covers).toBeUndefined()
  const { feature, right } = forest.nodes
  expect(covers.length).toBe(feature.length)
  for (const [node, of] of feature.entries())
    if (of >= 0) expect(covers[node]).toBe(covers[node + 1]! + covers[right[node]!]!)
  for (const start of forest.treeStarts.slice(0, -1)) expect(covers[start]).toBe(table.rows)
  const likely = await trainGbdt(table, undefined, parameters, binary)
  const start = sigmoid(likely.forest.baseMargins[0]!)
  expect(likely.covers[0]! / (table.rows * start * (1 - start))).toBeCloseTo(1, 3)
})

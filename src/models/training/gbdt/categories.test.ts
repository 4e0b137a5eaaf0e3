import { expect, test } from 'vitest'
import { seededRandom } from '../../../core/random.ts'
import type { GbdtParameters } from '../../../language/define/gbdt.ts'
import { gbdt } from '../../../language/define/gbdt.ts'
import type { ForestObjective } from '../../inference/forest-builder.ts'
import { encodeForest } from '../../inference/forest-codec.ts'
import { createForestScorer } from '../../inference/forest-scorer.ts'
import { type GbdtOptions, trainGbdt } from './train-gbdt.ts'
import type { GbdtData } from './training-data.ts'

const regression: GbdtOptions = { objective: 'regression', threads: 1 }
const missing = Number.NaN

function parametersWith(changes: Partial<GbdtParameters>): GbdtParameters {
  return { ...(gbdt().parameters as unknown as GbdtParameters), earlyStopping: 0, ...changes }
}

/** Categories with an effect that follows no order, beside numbers, with rows whose category is missing. */
function table(rows: number, categories: number, seed: number): GbdtData {
  const random = seededRandom(seed)
  const effects = Array.from({ length: categories }, () => 2 * random.next() - 1)
  const category = Float32Array.from({ length: rows }, () => {
    const kind = random.next()
    return kind < 0.05 ? missing : Math.floor(random.next() ** 2 * categories)
  })
  const other = Float32Array.from({ length: rows }, () => random.next())
  const second = Float32Array.from({ length: rows }, () => random.integer(3))
  const labels = Float32Array.from(category, (value, row) => {
    const effect = (effects[value] ?? 0.2) + 0.5 * other[row]! + (second[row] === 1 ? 0.7 : 0)
    return effect + random.next() > 0.9 ? 1 : 0
  })
  return {
    ...{ rows, labels, columns: [other, category, second], categorical: [1, 2] },
    featureNames: ['other', 'category', 'second'],
  }
}

test('the bytes of a forest with categories are the same for any number of threads, compiled or not', async () => {
  const data = table(40_000, 300, 1)
  const validation = table(2000, 310, 1)
  for (const [changes, objective] of [
    [{}, 'binary'],
    [{ subsample: 0.8 }, 'regression'],
  ] as const) {
    const forests: Uint8Array[] = []
    for (const [threads, kernel] of [
      [1, 'compiled'],
      [2, 'compiled'],
      [3, 'plain'],
    ] as const) {
      const parameters = parametersWith({ trees: 4, depth: 5, ...changes })
      const { forest, history } = await trainGbdt(data, validation, parameters, { objective, threads, kernel })
      expect(forest.categorySets.length).toBeGreaterThan(3)
      forests.push(encodeForest(forest))
      // What the walk over bins says of rows is what the forest says of their values: categories it never saw among them.
      const scores = createForestScorer(forest).scoreColumns(validation.columns, validation.rows)
      const loss = scores.reduce((sum, score, row) => {
        const label = validation.labels[row]!
        return sum + (objective === 'binary' ? -Math.log(label === 1 ? score : 1 - score) : (score - label) ** 2)
      }, 0)
      const mean = loss / validation.rows
      expect(history.validation.at(-1)).toBeCloseTo(objective === 'binary' ? mean : Math.sqrt(mean), 6)
    }
    expect(forests[1]).toEqual(forests[0])
    expect(forests[2]).toEqual(forests[0])
  }
})

test('one split parts the categories as their means say, in whatever order they are numbered', async () => {
  // The least gain of a guard: every category counts, however few rows it has.
  const exact = {
    categorySmoothing: 0,
    categoryLambda: 0,
    categoryRows: 1,
    lambda: 0,
    learningRate: 1,
    minChildWeight: 1,
  }
  const high = new Set([3, 4, 8, 11, 17])
  const category = Float32Array.from({ length: 400 }, (_, row) => row % 20)
  const labels = category.map((value) => (high.has(value) ? 5 : 1))
  const data: GbdtData = { rows: 400, labels, columns: [category], featureNames: ['c'], categorical: [0] }
  const { forest } = await trainGbdt(data, undefined, parametersWith({ trees: 1, depth: 1, ...exact }), regression)
  const scores = createForestScorer(forest).scoreRows(
    Float64Array.from({ length: 20 }, (_, value) => value),
    20,
  )
  expect([...scores].map((score) => Math.round(1e4 * score) / 1e4)).toEqual(
    Array.from({ length: 20 }, (_, value) => (high.has(value) ? 5 : 1)),
  )
  // The rows' margins follow: what two trees leave is what one tree of two levels leaves.
  const three = { ...data, labels: category.map((value) => (high.has(value) ? 5 : value === 0 ? -9 : 1)) }
  const two = await trainGbdt(three, three, parametersWith({ trees: 40, depth: 1, ...exact }), regression)
  expect(two.history.validation.at(-1)).toBeLessThan(1e-3)
})

test('what is missing, rare, no category or was never seen goes the same way', async () => {
  const data = table(5000, 40, 3)
  const column = data.columns[1]!
  // A category of its own in fewer rows than the guard asks for.
  column[0] = 77
  const { forest } = await trainGbdt(data, undefined, parametersWith({ trees: 10, depth: 4 }), regression)
  const scorer = createForestScorer(forest)
  const odd = [missing, 77, 5000, -1, 1.5, Number.POSITIVE_INFINITY]
  const scores = odd.map((value) => scorer.scoreRow(Float64Array.of(0.5, value, 1), 0))
  expect(new Set(scores).size).toBe(1)
})

test('a set has no more categories than it may, and none with few rows', async () => {
  const data = table(20_000, 200, 4)
  const most = await trainGbdt(data, undefined, parametersWith({ trees: 5, depth: 4, categoryMost: 3 }), regression)
  for (const set of most.forest.categorySets) expect(membersOf(set).length).toBeLessThanOrEqual(3)
  const counts = new Map<number, number>()
  for (const value of data.columns[1]!) counts.set(value, (counts.get(value) ?? 0) + 1)
  const guarded = parametersWith({ trees: 1, depth: 1, categorySmoothing: 150 })
  const { forest } = await trainGbdt(
    { ...data, columns: data.columns.slice(1) as never, featureNames: ['a', 'b'], categorical: [0, 1] },
    undefined,
    guarded,
    regression,
  )
  for (const set of forest.categorySets)
    for (const member of membersOf(set)) if (member > 2) expect(counts.get(member)).toBeGreaterThanOrEqual(150)
})

/** A category of 150 values that says nothing, beside two numbers that do. */
function idle(objective: ForestObjective, weighed: boolean): GbdtData {
  const random = seededRandom(11)
  const rows = 6000
  const columns = [0, 1].map(() => Float32Array.from({ length: rows }, () => random.next()))
  const labels = Float32Array.from({ length: rows }, (_, row) => {
    const said = columns[0]![row]! + columns[1]![row]! + 2 * random.next()
    return objective === 'regression' ? 1000 * said : Math.min(objective === 'binary' ? 1 : 2, Math.floor(said / 1.6))
  })
  return {
    ...{ rows, labels, featureNames: ['a', 'b', 'idle'], categorical: [2] },
    columns: [...columns, Float32Array.from({ length: rows }, () => random.integer(150))],
    ...(weighed ? { weights: Float32Array.from({ length: rows }, () => 1 + 9 * random.next()) } : {}),
  }
}

test.each([
  ['binary', false],
  ['binary', true],
  ['regression', false],
  ['regression', true],
  ['multiclass', false],
  ['multiclass', true],
] as const)('a category that says nothing splits few nodes: %s, weights %s', async (objective, weighed) => {
  const options = { objective, threads: 1, ...(objective === 'multiclass' ? { classes: 3 } : {}) }
  const splitsWith = async (changes: Partial<GbdtParameters>): Promise<number> =>
    (await trainGbdt(idle(objective, weighed), undefined, parametersWith({ trees: 10, depth: 4, ...changes }), options))
      .forest.categorySets.length
  // Where numbers have nothing left to say either, a set that gains more than most by chance still beats them now and then.
  expect(await splitsWith({})).toBeLessThan((await splitsWith({ categoryChance: 0 })) / 2)
})

test('a category that says much splits as it would without a guard, and its gain is what the loss fell by', async () => {
  const random = seededRandom(3)
  const category = Float32Array.from({ length: 4000 }, () => random.integer(40))
  const labels = category.map((value) => 10 * (value % 7) + random.next())
  const data: GbdtData = { rows: 4000, labels, columns: [category], featureNames: ['c'], categorical: [0] }
  const [guarded, greedy] = await Promise.all(
    [{}, { categoryChance: 0 }].map((changes) =>
      trainGbdt(data, undefined, parametersWith({ trees: 1, depth: 1, ...changes }), regression),
    ),
  )
  expect(encodeForest(guarded!.forest)).toEqual(encodeForest(greedy!.forest))
  expect(guarded!.importance).toEqual(greedy!.importance)
})

test('what sets gain by chance is in the units of the labels', async () => {
  const data = table(3000, 100, 6)
  const larger = { ...data, labels: data.labels.map((label) => 1024 * label) }
  const [one, other] = await Promise.all(
    [data, larger].map((rows) => trainGbdt(rows, undefined, parametersWith({ trees: 5, depth: 4 }), regression)),
  )
  expect(one!.forest.categorySets.length).toBeGreaterThan(5)
  expect(other!.forest.categorySets).toEqual(one!.forest.categorySets)
})

test('parameters of categories are checked by name', async () => {
  const parameters = parametersWith({ categoryMost: 0 })
  await expect(trainGbdt(table(100, 5, 5), undefined, parameters, regression)).rejects.toMatchObject({
    ...{ code: 'invalid_parameter', path: 'categoryMost' },
  })
})

function membersOf(set: Uint32Array): number[] {
  return Array.from({ length: 32 * set.length }, (_, member) => member).filter(
    (member) => ((set[member >>> 5]! >>> (member & 31)) & 1) === 1,
  )
}

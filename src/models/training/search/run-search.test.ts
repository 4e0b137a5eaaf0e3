import { expect, test } from 'vitest'
import { TruelineError } from '../../../core/errors.ts'
import { grid, halving, randomSearch } from '../../../language/define/search.ts'
import { drawTrials, type TrialParameters } from './draw-trials.ts'
import { runSearch, type TryParameters } from './run-search.ts'

const quiet = () => undefined
/** How far parameters are from the best ones; few rows add noise of their own. */
const distance = ({ x = 0, y = 0 }: TrialParameters, share = 1): number =>
  (x - 3) ** 2 + (y - 0.1) ** 2 + (1 - share) * Math.sin(100 * x)
const tried: TryParameters = async (parameters, { share }) => ({
  training: 1000 * share,
  value: distance(parameters, share),
})

test('a grid tries every combination, the last name fastest, and takes the best one', async () => {
  const search = grid({ y: [0, 0.1], x: [1, 3, 5] })
  expect(drawTrials(search)).toEqual([
    { x: 1, y: 0 },
    { x: 1, y: 0.1 },
    { x: 3, y: 0 },
    { x: 3, y: 0.1 },
    { x: 5, y: 0 },
    { x: 5, y: 0.1 },
  ])
  const { best, trials, ended } = await runSearch(search, 'rmse', tried, quiet)
  expect({ best, made: trials.length, ended }).toEqual({ best: 4, made: 6, ended: 'all' })
  expect((await runSearch(search, 'auc', tried, quiet)).best).toBe(1)
})

test('what is drawn lies in its range, whole or by orders of magnitude, and is the same for the same seed', () => {
  const space = {
    depth: { from: 3, to: 5, whole: true },
    rate: { from: 1e-3, to: 1, scale: 'log' },
    kind: [2, 7],
  } as const
  const trials = drawTrials(randomSearch({ trials: 4000, space, seed: 5 }))
  expect(drawTrials(randomSearch({ trials: 4000, space, seed: 5 }))).toEqual(trials)
  expect(drawTrials(randomSearch({ trials: 4000, space, seed: 6 }))).not.toEqual(trials)
  const share = (holds: (trial: TrialParameters) => boolean) => trials.filter(holds).length / trials.length
  for (const depth of [3, 4, 5]) expect(share((trial) => trial['depth'] === depth)).toBeCloseTo(1 / 3, 1)
  for (const [low, high] of [
    [1e-3, 1e-2],
    [1e-2, 0.1],
    [0.1, 1],
  ] as const)
    expect(share(({ rate = 0 }) => rate >= low && rate <= high)).toBeCloseTo(1 / 3, 1)
  expect(share(({ kind }) => kind === 2 || kind === 7)).toBe(1)
})

test('a combination that is drawn twice is tried once', () => {
  expect(drawTrials(randomSearch({ trials: 50, space: { x: [1, 2] } }))).toHaveLength(2)
})

test('a search ends after so many trials without a better one', async () => {
  const { best, trials, ended } = await runSearch(
    grid({ x: [9, 3, 4, 5, 6, 7] }, { patience: 2 }),
    'rmse',
    tried,
    quiet,
  )
  expect({ best, made: trials.length, ended }).toEqual({ best: 2, made: 4, ended: 'patience' })
})

test('halving tries fewer and fewer on more and more rows, and the last one on all', async () => {
  const search = halving({ trials: 9, space: { x: { from: 0, to: 6 } }, seed: 3 })
  const { best, trials } = await runSearch(search, 'rmse', tried, quiet)
  const rounds = trials.map((trial) => trial.rounds.map(({ training }) => Math.round(training)))
  expect(rounds.filter((one) => one.length === 1)).toHaveLength(6)
  expect(rounds.filter((one) => one.length === 2)).toHaveLength(2)
  expect(rounds[best - 1]).toEqual([111, 333, 1000])
})

test('a trial that fails is recorded and not taken; where all fail, the first failure is told', async () => {
  const failing: TryParameters = async (parameters, trial) => {
    if (parameters['x'] !== 1) throw new TruelineError('single_class', `x is ${parameters['x']}.`)
    return await tried(parameters, trial)
  }
  const { best, trials } = await runSearch(grid({ x: [3, 1] }), 'rmse', failing, quiet)
  expect(best).toBe(2)
  expect(trials[0]?.rounds).toEqual([{ training: 0, value: null, error: { code: 'single_class', message: 'x is 3.' } }])
  await expect(runSearch(grid({ x: [3, 4] }), 'rmse', failing, quiet)).rejects.toMatchObject({ message: 'x is 3.' })
})

import { expect, test } from 'vitest'
import { isTransform, type Transform, transformer } from './transform.ts'

function scores(transform: Transform, margins: readonly number[]): number[] {
  const written = Float64Array.of(9, ...margins, 9)
  transformer(transform, margins.length)(written, 1)
  expect([written[0], written.at(-1)]).toEqual([9, 9])
  return [...written.subarray(1, -1)]
}

test('margins become scores', () => {
  const cases: [Transform, number[], number[]][] = [
    [{ kind: 'identity' }, [-1.5, 2], [-1.5, 2]],
    [{ kind: 'sigmoid', slope: 1 }, [0, Math.log(3)], [0.5, 0.75]],
    [{ kind: 'sigmoid', slope: 2 }, [0, Math.log(3)], [0.5, 0.9]],
    [{ kind: 'exponential' }, [0, 1, -800], [1, Math.E, 0]],
    [{ kind: 'softplus' }, [0, -40, 50, 800], [Math.LN2, Math.exp(-40), 50, Number.POSITIVE_INFINITY]],
    [{ kind: 'signedSquare' }, [-3, 2, 0], [-9, 4, 0]],
    [{ kind: 'step' }, [-3, 0, 0.1], [0, 0, 1]],
    [{ kind: 'softmax' }, [0, Math.log(3), 900], [0, 0, 1]],
    [{ kind: 'softmax' }, [1000, 1000 + Math.log(3)], [0.25, 0.75]],
    [{ kind: 'softmaxZero' }, [0, Math.log(2), Math.log(6)], [0, 0.25, 0.75]],
  ]
  for (const [transform, margins, expected] of cases)
    scores(transform, margins).forEach((score, place) => {
      expect(score, transform.kind).toBeCloseTo(expected[place]!, 12)
    })
  // The quantiles of the normal distribution, as far as the approximation goes.
  const quantiles = [-1.2815515655446004, 0, 1.2815515655446004]
  scores({ kind: 'probit' }, [0.1, 0.5, 0.9]).forEach((score, place) => {
    expect(score).toBeCloseTo(quantiles[place]!, 2)
  })
})

test('what is read is a transform or not', () => {
  for (const kind of [
    'identity',
    'softmax',
    'softmaxZero',
    'probit',
    'exponential',
    'softplus',
    'signedSquare',
    'step',
  ])
    expect(isTransform({ kind })).toBe(true)
  expect(isTransform({ kind: 'sigmoid', slope: 0.5 })).toBe(true)
  for (const wrong of [null, undefined, 'softmax', {}, { kind: 'sigmoid' }, { kind: 'toString' }, { kind: 3 }])
    expect(isTransform(wrong)).toBe(false)
})

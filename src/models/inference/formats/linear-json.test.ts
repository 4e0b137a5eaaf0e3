import { expect, test } from 'vitest'
import { createLinearScorer } from '../linear-model.ts'
import { readModelFile } from './read-model-file.ts'

const good = { format: 'linear', inputs: ['a', 'b c'], weights: [2, -1], intercept: 0.5, link: 'identity' }

function fileOf(document: object | string): Uint8Array {
  return Buffer.from(typeof document === 'string' ? document : JSON.stringify(document, undefined, 2))
}

function scoresOf(document: object, rows: readonly (readonly number[])[]): readonly number[] {
  const { model } = readModelFile(fileOf(document))
  if (model.kind !== 'linear') throw new Error('it is no line')
  return [...createLinearScorer(model.linear).scoreRows(Float64Array.from(rows.flat()), rows.length)]
}

test('a linear model as JSON is read and scored, with what is missing as it says', () => {
  expect(readModelFile(fileOf(good))).toMatchObject({
    ...{ format: 'linear', objective: 'identity', inputNames: ['a', 'b c'], gains: undefined },
  })
  const rows = [
    [1, 1],
    [Number.NaN, 3],
  ]
  expect(scoresOf(good, rows)).toEqual([1.5, -2.5])
  expect(scoresOf({ ...good, missing: [10, 0] }, rows)).toEqual([1.5, 17.5])
  expect(scoresOf({ ...good, link: 'logistic', weights: [0, 0], intercept: 0 }, rows)).toEqual([0.5, 0.5])
})

test.each([
  ['no JSON', `${JSON.stringify(good).slice(0, -3)}`, 'it is no JSON'],
  ['NaN', JSON.stringify(good).replace('0.5', 'NaN'), 'it has NaN, which is no number in JSON'],
  ['a weight too many', { ...good, weights: [1, 2, 3] }, "its 'weights' is not as long as it should be"],
  ['a number beyond all', JSON.stringify(good).replace('0.5', '1e999'), 'a number of it is not finite'],
  ['no intercept', { ...good, intercept: '0' }, "its 'intercept' is not a number"],
  ['another link', { ...good, link: 'probit' }, "its 'link' is 'probit'"],
  ['no UTF-8', JSON.stringify(good).replace('b c', '\ufffd'), undefined],
])('a linear model with %s is refused', (name, document, fault) => {
  const file = fileOf(document)
  const place = name === 'no UTF-8' ? file.indexOf(0xef) : -1
  if (place !== -1) file[place] = 0xff
  expect(() => readModelFile(file)).toThrow(
    expect.objectContaining({
      code: 'model_file_invalid',
      message: expect.stringContaining(fault ?? 'it is no UTF-8'),
    }),
  )
})

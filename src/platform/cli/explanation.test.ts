import { expect, test } from 'vitest'
import { TruelineError } from '../../core/errors.ts'
import { movedHeading } from './explanation.ts'

test('what moved a score is headed by the class whose score it is, where there are several', () => {
  const explanation = { unit: 'margin', base: 0, margin: 0, contributions: [] } as const
  expect(movedHeading(explanation)).toBe('moved score')
  expect(movedHeading({ ...explanation, class: 'damaged' })).toBe("moved score of 'damaged'")
  expect(movedHeading(new TruelineError('unsupported_model', 'It cannot be explained.').toJSON())).toBe('moved score')
})

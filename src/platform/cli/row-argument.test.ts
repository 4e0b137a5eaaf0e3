import { expect, test } from 'vitest'
import { parseRow } from './row-argument.ts'

test('a row that is no JSON is refused with the place of its fault, and nothing of it', () => {
  expect(parseRow('{"order":"N1"}', 'row')).toEqual({ order: 'N1' })
  expect(() => parseRow('{"card":"4000-1",}', '--row')).toThrow(
    expect.objectContaining({
      ...{ code: 'invalid_arguments', path: '--row' },
      message: 'The row is not JSON. At character 18: a name in double quotes has to stand here.',
    }),
  )
})

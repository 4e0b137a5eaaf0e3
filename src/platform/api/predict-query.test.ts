import { expect, test } from 'vitest'
import { parsePredictQuery, withQuery } from './predict-query.ts'

test('the address of a request asks for what its body may ask for', () => {
  const asked = parsePredictQuery({ features: 'true', freshness: 'false', reasons: 'true', explain: '3' })
  expect(asked).toEqual({ features: true, freshness: false, reasons: true, explain: 3 })
  expect(parsePredictQuery({ explain: 'true' })).toEqual({ explain: true })
  expect(withQuery({ rows: [1], features: true }, { explain: 3 })).toEqual({ rows: [1], features: true, explain: 3 })
})

test.each([
  [{ explian: 'true' }, /explian/],
  [{ rows: '[]' }, /rows/],
  [{ reasons: '3' }, /reasons must be true or false\./],
  [{ features: '' }, /features must be true or false\./],
  [{ explain: '0' }, /explain must be true or false, or how many/],
  [{ explain: '1e3' }, /explain/],
  [{ explain: ['1', '2'] }, /explain/],
])('an address that asks for %j is refused', (query, message) => {
  const parse = () => parsePredictQuery(query)
  expect(parse).toThrow(expect.objectContaining({ code: 'invalid_request' }))
  expect(parse).toThrow(message)
})

test('what is said twice is refused, also where both say the same', () => {
  expect(() => withQuery({ rows: [], reasons: true }, { reasons: true })).toThrow(
    expect.objectContaining({ code: 'invalid_request', path: 'reasons' }),
  )
})

import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { expect, test } from 'vitest'
import { DIGEST_PATTERN, IMAGE_PATTERN } from './text-patterns.ts'
import { complaintOf } from './validation-words.ts'

const schema = Type.Object(
  {
    limit: Type.Integer({ minimum: 1, maximum: 1000 }),
    variant: Type.Optional(Type.Union([Type.Literal('full'), Type.Literal('half')])),
    rows: Type.Optional(Type.Array(Type.Object({ amount: Type.Number() }))),
    reason: Type.Optional(Type.String({ minLength: 1 })),
    all: Type.Optional(Type.Boolean()),
    digest: Type.Optional(Type.String({ pattern: DIGEST_PATTERN })),
    image: Type.Optional(Type.String({ pattern: IMAGE_PATTERN })),
  },
  { additionalProperties: false },
)

test.each([
  [{ limit: 5000 }, '/limit', 'limit must be at most 1000.'],
  [{ limit: 0 }, '/limit', 'limit must be at least 1.'],
  [{ limit: 'many' }, '/limit', 'limit must be a whole number.'],
  [{}, '', "body lacks 'limit'."],
  [{ limit: 1, freshness: true }, '/freshness', "'freshness' is not known here."],
  [{ limit: 1, variant: 'third' }, '/variant', 'variant must be one of: full, half.'],
  [{ limit: 1, rows: [{ amount: '1' }] }, '/rows/0/amount', 'rows.0.amount must be a number.'],
  [{ limit: 1, reason: '' }, '/reason', 'reason must not be empty.'],
  [{ limit: 1, all: 1 }, '/all', 'all must be true or false.'],
  [[], '', 'body must be an object.'],
])('%j is refused in words', (value, place, message) => {
  expect(complaintOf(Value.Errors(schema, value), 'body')).toEqual({ place, message })
})

test.each([
  [{ digest: 'sha256:12ab' }, /^digest must be a digest: sha256: and 64 hexadecimal digits .*trueline models show/],
  [{ image: 'shop/late-flight:v3' }, /^image must be a reference by digest: NAME@sha256: .*docker image inspect/],
])('a text that is no digest is told what one looks like and where it is found: %j', (value, words) => {
  const { message } = complaintOf(Value.Errors(schema, { limit: 1, ...value }), 'body')
  expect(message).toMatch(words)
  expect(message).not.toContain('{64}')
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compilePattern } from './linear-pattern.ts'

/** Patterns of a few characters with everything that a pattern may have, as ECMAScript reads them. */
const atom = fc.constantFrom(
  'a',
  'b',
  'c',
  '.',
  '[ab]',
  '[^a]',
  '[b-c]',
  '\\d',
  '\\w',
  '\\s',
  '\\.',
  '[\\d-]',
  'é',
  '😀',
)
const { pattern } = fc.letrec<{ pattern: string; part: string }>((tie) => ({
  part: fc.oneof(
    { maxDepth: 3 },
    atom,
    fc.tuple(atom, fc.constantFrom('*', '+', '?', '{2}', '{1,}', '{0,2}', '*?')).map(([one, times]) => one + times),
    fc.tuple(tie('pattern'), fc.constantFrom('', '*', '+', '?')).map(([one, times]) => `(${one})${times}`),
    tie('pattern').map((one) => `(?:${one})`),
  ),
  pattern: fc
    .array(fc.array(tie('part'), { maxLength: 3 }), { minLength: 1, maxLength: 3 })
    .map((options) => options.map((parts) => parts.join('')).join('|')),
}))
const anchored = fc
  .tuple(fc.boolean(), pattern, fc.boolean())
  .map(([start, middle, end]) => `${start ? '^' : ''}(?:${middle})${end ? '$' : ''}`)
const subject = fc.array(fc.constantFrom('a', 'b', 'c', '1', '.', ' ', '-', '\n', 'é', '😀'), { maxLength: 8 })

test('finds what the regular expressions of the language find', () => {
  fc.assert(
    fc.property(anchored, fc.array(subject, { minLength: 1, maxLength: 5 }), (source, subjects) => {
      const expression = new RegExp(source, 'u')
      const matches = compilePattern(source)
      for (const characters of subjects) {
        const text = characters.join('')
        expect(matches(text), `/${source}/ on ${JSON.stringify(text)}`).toBe(expression.test(text))
      }
    }),
    { numRuns: 2000, seed: 7 },
  )
})

test('no text makes it run away', () => {
  const matches = compilePattern('^(a+)+$')
  expect(matches(`${'a'.repeat(100_000)}!`)).toBe(false)
  expect(compilePattern('(.*)(.*)(.*)(.*)[^>]>')('<'.repeat(20_000))).toBe(false)
})

test('states that come up are bounded', () => {
  const matches = compilePattern('(a|b)*a(a|b){12}$')
  let text = ''
  for (let index = 0; index < 20_000; index += 1) text += (index * 2_654_435_761) % 7 < 3 ? 'a' : 'b'
  expect(matches(text)).toBe(/a[ab]{12}$/.test(text))
})

test.each([
  '(?=a)',
  '(?<!a)',
  '\\1',
  '\\b',
  '\\p{L}',
  'a{2',
  '(',
  ')',
  '[b-a]',
  '*',
  'a**',
  '^*',
  '(a{1000}){1000}',
  '\\',
])('%s is refused', (source) => {
  expect(() => compilePattern(source)).toThrow(expect.objectContaining({ code: 'definition_invalid' }))
})

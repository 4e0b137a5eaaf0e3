import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findJsonFault, whereNoJson } from './json-fault.ts'

/** Where V8 says that the fault is; undefined for JSON and for faults of which it does not say. */
function accordingToV8(text: string): { readonly isJson: boolean; readonly at?: number } {
  try {
    JSON.parse(text)
    return { isJson: true }
  } catch (thrown) {
    const { message } = thrown as Error
    if (/end of JSON input/.test(message)) return { isJson: false, at: text.length }
    const position = /(property name|after|control|escaped|Unicode).* at position (\d+)/.exec(message)?.[2]
    return position === undefined ? { isJson: false } : { isJson: false, at: Number(position) }
  }
}

test('a text has a fault just when it is no JSON, at the place where the engine has it where it says so', () => {
  const changed = fc
    .tuple(fc.jsonValue(), fc.boolean(), fc.nat(), fc.nat(2), fc.constantFrom(...'{}[],:"\\ \n1e-+.tnx\u0000é'))
    .map(([value, spaced, place, cut, put]) => {
      const text = JSON.stringify(value, null, spaced ? 2 : 0)
      const at = place % (text.length + 1)
      return text.slice(0, at) + put + text.slice(at + cut)
    })
  fc.assert(
    fc.property(fc.oneof(fc.json(), changed, fc.string()), (text) => {
      const { isJson, at } = accordingToV8(text)
      const fault = findJsonFault(text)
      expect(fault === undefined, text).toBe(isJson)
      // Of a number, a word and an escape the engine names a later character than the first.
      if (fault === undefined || at === undefined || /[\w\\-]/.test(text.charAt(fault.offset))) return
      const end = text.trimEnd().length
      expect(Math.min(fault.offset, end), `${text}: ${fault.because}`).toBe(Math.min(at, end))
    }),
    { seed: 5, numRuns: 2000 },
  )
})

test.each([
  ['', 'character 1: it is empty'],
  ['{"a":1,}', 'character 8: a name in double quotes has to stand here'],
  ["{'a':1}", 'character 2: a name in double quotes has to stand here'],
  ['{"a" 1}', 'character 6: a colon has to stand here'],
  ['{"a":NaN}', 'character 6: a value has to stand here'],
  ['{"a":01}', 'character 6: a value has to stand here'],
  ['[1,]', 'character 4: a value has to stand here'],
  ['[1 2]', 'character 4: a comma or the closing bracket has to stand here'],
  ['{"a":1 "b":2}', 'character 8: a comma or the closing brace has to stand here'],
  ['[1,2}', 'character 5: a comma or the closing bracket has to stand here'],
  ['{}{}', 'character 3: the value ends before it, and nothing may follow'],
  ['[1]]', 'character 4: this closes what was not opened'],
  ['{"a":["x"', 'character 10: it ends before the bracket that is open is closed'],
  ['{"a":"x', 'character 8: it ends within a string'],
  ['["\\x"]', 'character 3: JSON has no such escape'],
  ['["a\nb"]', 'line 1, column 4: a control character, such as the end of a line, stands in a string'],
  ['{\r\n  "a": 1,\r\n}', 'line 3, column 1: a name in double quotes has to stand here'],
  ['\ufeff{}', 'character 1: a byte order mark stands before the JSON'],
])('%j is no JSON at %s', (text, where) => {
  expect(whereNoJson(text)).toBe(` At ${where}.`)
})

test('as deep as a text may be nested, the fault is found', () => {
  expect(whereNoJson('['.repeat(100_000))).toBe(
    ' At character 100001: it ends before the bracket that is open is closed.',
  )
})

test('the place in a part is that in the whole', () => {
  const whole = '{"rows":[{"é":1},\n{"a":1}, {"a":x}]}'
  const begin = whole.indexOf(',') + 1
  expect(whereNoJson(`[${whole.slice(begin, -2)}]`, Buffer.from(whole.slice(0, begin)))).toBe(whereNoJson(whole))
})

test('behind a million bytes the place is that of the byte', () => {
  const before = Buffer.from(`[${'"é",\n'.repeat(200_000)}`)
  expect(whereNoJson('["é",x]', before)).toBe(` At byte ${before.length + 6}: a value has to stand here.`)
})

test('a fault so far away that others would wait for its place is told without one', () => {
  expect(whereNoJson(`[${'1,'.repeat(2 ** 19)}x]`)).toBe('')
})

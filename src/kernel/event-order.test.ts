import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'
import { compareIds } from './event-order.ts'

const ids = [
  '',
  'a',
  'ab',
  'b',
  '\u007f',
  '\u0080',
  '\u07ff',
  '\ud7ff',
  '\ue000',
  '\uffff',
  '\u{10000}',
  '\u{10ffff}',
  'a\uffff',
  'a\u{10000}',
]

test('ids are ordered as their bytes in UTF-8 are', () => {
  for (const left of ids)
    for (const right of ids)
      expect(Math.sign(compareIds(left, right)), `${left} and ${right}`).toBe(
        Buffer.compare(Buffer.from(left), Buffer.from(right)),
      )
})

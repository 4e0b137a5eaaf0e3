import { expect, test } from 'vitest'
import { allAtOnce } from '../../../core/slices.ts'
import { jsonOfMembers } from './json-of-members.ts'

test.each([
  [{}],
  [{ id: 'a"b', 'na"me': '' }],
  [{ short: 'x', long: 'p1-0,'.repeat(40_000), after: '' }],
  [{ escaped: '"\\\n\u0001'.repeat(9000) }],
  // Characters of two units, so placed that one would be cut at every even step, and at every odd one.
  [{ wide: '\u{1f600}'.repeat(40_000), odd: `x${'\u{1f600}'.repeat(40_000)}` }],
  [{ alone: `${'x'.repeat(2 ** 14 - 1)}\ud83d${'y'.repeat(2 ** 14)}\ude00` }],
])('members of whatever length are what JSON.stringify makes of them (%#)', (members) => {
  expect(allAtOnce(jsonOfMembers(members)).join('')).toBe(JSON.stringify(members))
})

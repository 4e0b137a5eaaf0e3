import { expect, test } from 'vitest'
import { neverApproved, takenLines } from './version-output.ts'

test('a version that too few may approve says so, who may, and what to do', () => {
  expect(neverApproved({ missing: 2, open: ['ben'] })).toMatch(
    /^It can never be approved so: it takes 2 more, and only ben may/,
  )
  expect(neverApproved({ missing: 1, open: [] })).toContain('nobody may')
})

test('what a scorer takes is numbered from 0, and cut where it is long', () => {
  const takes = Array.from({ length: 202 }, (_, place) => ({ name: `f${place}`, type: 'int' }))
  expect(takenLines(takes.slice(0, 2))).toEqual(['0  f0: int', '1  f1: int'])
  expect(takenLines(takes).slice(199)).toEqual(['199  f199: int', 'and 2 more, see --json'])
})

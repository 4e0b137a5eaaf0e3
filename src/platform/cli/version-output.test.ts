import { expect, test } from 'vitest'
import { neverApproved } from './version-output.ts'

test('a version that too few may approve says so, who may, and what to do', () => {
  expect(neverApproved({ missing: 2, open: ['ben'] })).toMatch(
    /^It can never be approved so: it takes 2 more, and only ben may/,
  )
  expect(neverApproved({ missing: 1, open: [] })).toContain('nobody may')
})

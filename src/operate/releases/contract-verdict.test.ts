import { expect, test } from 'vitest'
import type { ContractChange } from '../serving/contract-changes.ts'
import { contractVerdict } from './contract-verdict.ts'

const added: ContractChange = {
  ...{ kind: 'column_added', part: 'request', name: 'note', breaking: false },
  sentence: "The column 'note' is new, and may be left out.",
}
const input: ContractChange = {
  ...{ kind: 'input_added', part: 'inputs', name: 'mean', breaking: true },
  sentence: "The input 'mean' is new, and needed.",
}
const { breaking: _, ...breach } = input

test('the sentence and the list of changes say the same of what breaks', () => {
  expect(contractVerdict([], [], 1, 2)).toBe('v1 and v2 take and give the same.')
  expect(contractVerdict([added], [], 1, 2)).toBe(
    'Every caller of v1 can call v2: 1 change, none of which breaks anything.',
  )
  expect(contractVerdict([added, input], [], 1, 2)).toBe(
    'Every caller of v1 who sends rows can call v2: 2 changes, 1 of which breaks those who bring vectors; no consumer says that it does.',
  )
  expect(contractVerdict([added, input], [{ ...breach, consumers: ['kiosk'] }], 1, 2)).toBe(
    "v2 would break callers of v1: The input 'mean' is new, and needed (kiosk).",
  )
})

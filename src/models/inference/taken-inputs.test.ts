import { expect, test } from 'vitest'
import type { Encoders } from './encoders.ts'
import { takenInputs } from './taken-inputs.ts'

const inputs = [
  { name: 'carrier', type: 'string' },
  { name: 'delay', type: 'number' },
] as const

test('a scorer takes the inputs as they are, or what encodings make of them, in their order', () => {
  expect(takenInputs({ inputs })).toEqual(inputs)
  const columns: Encoders['columns'] = [
    { input: 1 },
    { input: 0, encoder: { kind: 'oneHot', categories: ['AA', 'UA'] } },
    { input: 0, encoder: { kind: 'target', categories: ['AA'], values: [0.5], unknown: 0.1 } },
  ]
  expect(takenInputs({ inputs, columns })).toEqual([
    { name: 'delay', type: 'number' },
    { name: 'carrier = AA', type: 'int' },
    { name: 'carrier = UA', type: 'int' },
    { name: 'target(carrier)', type: 'number' },
  ])
})

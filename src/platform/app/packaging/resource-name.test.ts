import { expect, test } from 'vitest'
import { resourceName } from './resource-name.ts'

test('a name of a model becomes one that Kubernetes takes, whatever it begins and ends with', () => {
  const names = ['late_flight', '_late', 'late_', '__', '9lives', 'Sent-Back', `_${'long_'.repeat(30)}`]
  const made = names.map(resourceName)
  expect(made.slice(0, 6)).toEqual(['late-flight', 'late', 'late', 'model', 'model-9lives', 'sent-back'])
  for (const name of made) expect(`${name}-runtime`).toMatch(/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/)
})

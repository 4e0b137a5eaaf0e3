import { expect, test } from 'vitest'
import { nearestName } from './nearest-name.ts'

test('the nearest name is the one with the fewest changed letters, whatever their case', () => {
  expect(nearestName('dealy_min', ['arrived_at', 'delay_min', 'delay_max'])).toBe('delay_min')
  expect(nearestName('DELAY_MIN', ['arrived_at', 'delay_min'])).toBe('delay_min')
})

test('two neighbours exchanged are one mistake', () => {
  expect(nearestName('huor', ['or', 'hour'])).toBe('hour')
})

test('a part of a name finds it', () => {
  expect(nearestName('delay', ['arrived_at', 'delay_min'])).toBe('delay_min')
})

test('there is none when all are far', () => {
  expect(nearestName('weather', ['origin', 'delay_min'])).toBeUndefined()
  expect(nearestName('x', [])).toBeUndefined()
})

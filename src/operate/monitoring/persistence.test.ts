import { expect, test } from 'vitest'
import { dailyPersistence, persistence, type WindowVerdict } from './persistence.ts'

function play(text: string, open = false): string {
  const condition = persistence(dailyPersistence, open)
  const verdicts: Record<string, WindowVerdict> = { b: 'bad', g: 'good', u: 'unknown' }
  return [...text]
    .map((letter) => ({ opened: 'O', closed: 'C', unchanged: '.' })[condition.push(verdicts[letter]!)])
    .join('')
}

test('one bad window does not open, two of three do', () => {
  expect(play('gbggbgg')).toBe('.......')
  expect(play('gbb')).toBe('..O')
  expect(play('bgb')).toBe('..O')
  expect(play('bggb')).toBe('....')
})

test('three good windows in a row close, and a bad one between them starts the count again', () => {
  expect(play('bbggg')).toBe('.O..C')
  expect(play('bbggbggg')).toBe('.O.....C')
})

test('windows that cannot be judged neither open nor close', () => {
  expect(play('bub')).toBe('..O')
  expect(play('bbuuuguugg')).toBe('.O.......C')
})

test('a condition that held before a restart closes without opening again', () => {
  expect(play('ggg', true)).toBe('..C')
  expect(play('bbb', true)).toBe('...')
})

test('forgetting the windows keeps the condition', () => {
  const condition = persistence(dailyPersistence)
  condition.push('bad')
  condition.forget()
  expect(condition.push('bad')).toBe('unchanged')
  expect(condition.push('bad')).toBe('opened')
  condition.forget()
  expect(condition.open).toBe(true)
})

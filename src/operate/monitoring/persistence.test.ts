import { expect, test } from 'vitest'
import { persistence, type WindowVerdict } from './persistence.ts'

function play(text: string, open = false): string {
  const condition = persistence({ bad: 2, of: 3, good: 3 }, open)
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

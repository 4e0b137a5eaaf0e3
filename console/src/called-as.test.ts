import { expect, test } from 'vitest'
import { asCalled } from './called-as.ts'

test('commands are shown as they can be typed where the platform runs', () => {
  expect(asCalled('trueline train trueline', 'npx trueline')).toBe('npx trueline train trueline')
  expect(asCalled('curl http://127.0.0.1/trueline', 'npx trueline')).toBe('curl http://127.0.0.1/trueline')
  expect(asCalled('trueline up')).toBe('trueline up')
})

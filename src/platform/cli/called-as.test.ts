import { expect, test } from 'vitest'
import { asCalled, calledAbout, calledAs } from './called-as.ts'

test('commands in what is said are those that can be typed where it was called', () => {
  const clone = { TRUELINE_CALLED_AS: 'npm run --silent trueline --', npm_lifecycle_event: 'trueline' }
  const text = 'next: trueline train MODEL, or `trueline up --apply`'
  expect(asCalled(text, clone)).toBe(
    'next: npm run --silent trueline -- train MODEL, or `npm run --silent trueline -- up --apply`',
  )
  expect(asCalled(text, { npm_lifecycle_event: 'npx' })).toBe(
    'next: npx trueline train MODEL, or `npx trueline up --apply`',
  )
  expect(asCalled(text, {})).toBe(text)
  expect(calledAs({ npm_lifecycle_event: 'test' })).toBe('trueline')
})

test.each([
  'In .trueline/data',
  'npx trueline up',
  '@shop/trueline x',
  'Trueline needs node 24',
  'trueline: 1.2',
  'npm install trueline',
  'This copy of trueline is not built.',
])('what is no command of its own stays as it is: %s', (text) => {
  expect(asCalled(text, { TRUELINE_CALLED_AS: 'npm run trueline --' })).toBe(text)
})

test('a command that begins with an option is one, too, and is not called twice', () => {
  const clone = { TRUELINE_CALLED_AS: 'npm run --silent trueline --' }
  const said = asCalled('In another terminal: trueline --directory .data status, and so with every command.', clone)
  expect(said).toBe(
    'In another terminal: npm run --silent trueline -- --directory .data status, and so with every command.',
  )
  expect(asCalled(said, clone)).toBe(said)
})

test('commands say which platform they are about as the command said that told of it', () => {
  const npx = { npm_lifecycle_event: 'npx' }
  expect(calledAbout({}, npx)).toBe('npx trueline')
  expect(calledAbout({ directory: '.trueline-demo/run/data' }, npx)).toBe(
    'npx trueline --directory .trueline-demo/run/data',
  )
  expect(calledAbout({ config: "ada's shop.ts", directory: '/data' }, {})).toBe(
    "trueline --config 'ada'\\''s shop.ts' --directory /data",
  )
})

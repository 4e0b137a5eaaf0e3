import { expect, test } from 'vitest'
import { artifactPath } from './artifact-path.ts'

test.each([
  'a',
  'a/b/c.txt',
  'model/MLmodel',
  '0/ab12/artifacts/x y',
  'números/ü.json',
  '...',
  'a..b/c',
  'half%',
  '100%25',
])('a path: %s', (path) => {
  expect(artifactPath(path)).toBe(path)
  expect(artifactPath(`${path}/`)).toBe(path)
})

test.each([
  '',
  '/',
  '/etc/passwd',
  '//etc/passwd',
  '..',
  '../a',
  'a/../../b',
  'a/..',
  '.',
  './..',
  './/a',
  'a//b',
  '%2e%2e/a',
  'a/%2E%2E/b',
  '%252e%252e%252fa',
  '%2fetc/passwd',
  'a%5c..%5cb',
  'a\\b',
  'C:/windows',
  'c:windows',
  'file:///etc/passwd',
  's3://bucket/x',
  'a\0b',
  'a%00b',
  'a\nb',
  `${'x'.repeat(1025)}`,
])('no path: %j', (path) => {
  expect(() => artifactPath(path)).toThrow(expect.objectContaining({ code: 'invalid_parameter' }))
})

test.each([
  ['./a', 'a'],
  ['a/.', 'a'],
  ['a/./b/././c/', 'a/b/c'],
  ['./.hidden/.', '.hidden'],
])('a name that means where it stands is left out: %s', (path, plain) => {
  expect(artifactPath(path)).toBe(plain)
})

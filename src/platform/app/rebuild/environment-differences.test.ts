import { expect, test } from 'vitest'
import { environmentDifferences } from './environment-differences.ts'
import { lockfileDifferences } from './lockfile-differences.ts'

test('what differs of an environment is named, nearest first, and what changes no model is not', () => {
  const before = {
    ...{ trueline: '1.0.0', node: '24.1.0', threads: 2, locale: 'en-US', packages: { duckdb: '1.4' } },
    processor: { model: 'A', features: ['avx', 'avx2'] },
    program: { python: { packages: { lightgbm: '4.6.0' } } },
  }
  const after = {
    ...{ trueline: '1.0.0', node: '24.2.0', threads: 8, locale: 'de-DE', packages: { duckdb: '1.4' } },
    processor: { model: 'A', features: ['avx', 'sse'] },
    program: { python: { packages: { lightgbm: '4.7.0' } } },
  }
  expect(environmentDifferences(before, after)).toEqual([
    {
      input: 'environment.program.python.packages.lightgbm',
      sentence: 'program.python.packages.lightgbm was 4.6.0, and is 4.7.0 now.',
    },
    { input: 'environment.node', sentence: 'node was 24.1.0, and is 24.2.0 now.' },
    { input: 'environment.processor.features', sentence: 'processor.features lacks avx2 and has sse now.' },
  ])
  expect(environmentDifferences(before, before)).toEqual([])
})

test('packages of a lockfile that have another version are named', () => {
  const lock = (version: string) =>
    JSON.stringify({ packages: { 'node_modules/left': { version }, 'node_modules/right': { version: '1.0.0' } } })
  expect(lockfileDifferences('package-lock.json', lock('1.0.0'), lock('1.0.0'))).toEqual([])
  expect(lockfileDifferences('package-lock.json', lock('1.0.0'), lock('2.0.0'))).toEqual([
    { input: 'environment.project.lockfile.left', sentence: 'The package left was 1.0.0, and is 2.0.0 now.' },
  ])
  expect(lockfileDifferences('yarn.lock', 'a@1\n', undefined)[0]!.sentence).toBe('yarn.lock was there, and is not now.')
  expect(lockfileDifferences('yarn.lock', 'a@1\n', 'a@2\n')).toHaveLength(2)
})

import { expect, test } from 'vitest'
import { loadRates, loadSettings } from './load-settings.ts'

const usual = {
  ...{ rate: '100', for: '30s', warmup: '2s', rowsPerRequest: '1', connections: '64' },
  ...{ arrivals: 'poisson', seed: '1' },
}

test('a load is what it is told to be', () => {
  const settings = loadSettings({ ...usual, rows: 'rows.jsonl' })
  expect(settings).toEqual({
    ...{ seconds: 30, warmup: 2, rowsPerRequest: 1, connections: 64, arrivals: 'poisson', seed: 1, rows: 'file' },
  })
  expect(loadRates(usual, settings)).toEqual([100])
  expect(loadRates({ ...usual, steps: '100, 200,400' }, settings)).toEqual([100, 200, 400])
  expect(loadRates({ ...usual, find: true }, settings)).toEqual([100])
})

test.for([
  ['--for', { for: '0s' }],
  ['--rate', { rate: '0' }],
  ['--rate', { rate: '99999999999' }],
  ['--for', { rate: '1000', for: '30d' }],
  ['--steps', { steps: '300,100' }],
  ['--steps', { steps: '100,100' }],
  ['--steps', { steps: '100,,200' }],
  ['--steps', { steps: '100,200', find: true }],
  ['--connections', { connections: '999999' }],
  ['--rows-per-request', { rowsPerRequest: '200000' }],
] as const)('what no load can be is refused before any is made: %s %o', ([path, wrong]) => {
  const options = { ...usual, ...wrong }
  const refused = expect.objectContaining({ code: 'invalid_arguments', message: expect.stringContaining(path) })
  expect(() => loadRates(options, loadSettings(options))).toThrow(refused)
})

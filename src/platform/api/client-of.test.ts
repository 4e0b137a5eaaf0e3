import { expect, test } from 'vitest'
import { isCounted } from './client-of.ts'

test.each([
  ['POST', '/v1/models/a/predict', true],
  ['POST', '/v2/models/a/infer', true],
  ['GET', '/v2/models/a', true],
  ['GET', '/v2/models/a/infer?x=/ready', true],
  ['POST', '/v2/models/a/ready', true],
  ['GET', '/v2/models/ready', true],
  ['GET', '/v2/models/a/ready', false],
  ['GET', '/v2/models/a/versions/2/ready?x=1', false],
  ['GET', '/v2/health/ready', false],
  ['GET', '/v2/health/live', false],
  ['GET', '/health/ready', false],
  ['GET', '/metrics', false],
])('%s %s counts for limits of rates: %s', (method, url, counted) => {
  expect(isCounted({ method, url })).toBe(counted)
})

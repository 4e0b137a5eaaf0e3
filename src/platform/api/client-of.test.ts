import { expect, test } from 'vitest'
import { isCounted } from './client-of.ts'

test.each([
  ['POST', '/v1/models/:model/predict', true],
  ['POST', '/v2/models/:model/infer', true],
  ['GET', '/v2/models/:model', true],
  ['POST', '/v2/models/:model/ready', true],
  ['GET', '/v2/models/ready', true],
  ['GET', '/v2/models/:model/ready', false],
  ['GET', '/v2/models/:model/versions/:version/ready', false],
  ['GET', '/v2/health/ready', false],
  ['GET', '/v2/health/live', false],
  ['GET', '/health/ready', false],
  ['GET', '/metrics', false],
])('%s %s counts for limits of rates: %s', (method, route, counted) => {
  expect(isCounted(method, route)).toBe(counted)
})

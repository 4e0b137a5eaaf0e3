import { Compile } from 'typebox/compile'
import { expect, test } from 'vitest'
import { createRowReader } from '../../data/quality/row-reader.ts'
import { contractSource } from '../../operate/serving/contract.fixture.ts'
import { contractCases } from '../../operate/serving/contract-cases.ts'
import { rowSchemaOf } from '../../operate/serving/model-contract.ts'
import { predictRequestSchema } from './model-schemas.ts'
import { openApiOf } from './openapi.ts'

test('what a contract allows is right by the schema in /openapi.json, and what it refuses is wrong', () => {
  let tried = 0
  for (let seed = 0; seed < 60; seed += 1) {
    const source = contractSource(seed)
    const contract = source.contract()
    const reader = createRowReader(rowSchemaOf(contract))
    const schema = Compile(predictRequestSchema(contract) as never)
    const cases = contractCases(contract, 0)
    const rows = [...cases.map(({ row }) => row), ...Array.from({ length: 10 }, () => source.row(contract))]
    for (const row of rows) {
      const isRight = reader.read(row, []) === undefined
      expect(schema.Check({ rows: [row] }), JSON.stringify({ row, contract })).toBe(isRight)
      tried += 1
    }
  }
  expect(tried).toBeGreaterThan(1000)
})

test('each model that serves has an operation of its own, and each place in an address is a parameter', () => {
  const contract = contractSource(1).contract()
  const routes = [
    { url: '/v1/models/:model/predict', method: 'POST', schema: { operationId: 'predict' } },
    { url: '/metrics', method: 'GET' },
  ] as never
  const { paths } = openApiOf(routes, '1.0.0', [contract]) as {
    paths: Record<string, { post: Record<string, unknown> }>
  }
  expect(Object.keys(paths)).toEqual(['/v1/models/made/predict', '/v1/models/{model}/predict'])
  expect(paths['/v1/models/{model}/predict']!.post['parameters']).toMatchObject([
    { name: 'model', in: 'path' },
    ...['features', 'freshness', 'reasons', 'explain'].map((name) => ({ name, in: 'query', required: false })),
  ])
  expect(paths['/v1/models/made/predict']!.post).toMatchObject({
    operationId: 'predict_made',
    parameters: [{ name: 'features' }, { name: 'freshness' }, { name: 'reasons' }, { name: 'explain' }],
    requestBody: { content: { 'application/json': { schema: predictRequestSchema(contract) } } },
  })
})

import { expect, test } from 'vitest'
import { curlOf, exampleOf } from './curl.ts'
import { fieldsOf, wordsOf } from './fields.ts'
import { type OpenApi, type Operation, operationsByTag, type Schema } from './openapi.ts'

const row: Schema = {
  type: 'object',
  required: ['order', 'amount', 'at'],
  properties: {
    order: { type: 'string', maxLength: 20 },
    amount: { type: 'number', minimum: 0, maximum: 1000 },
    size: { type: ['string', 'null'], enum: ['S', 'M', null], description: 'Not read' },
    count: { type: 'integer', minimum: -Number.MAX_SAFE_INTEGER },
    at: { anyOf: [{ type: 'string', format: 'date-time' }, { type: 'integer' }] },
  },
}
const schemas = {
  Error: { type: 'object', required: ['code'], properties: { code: { type: 'string' }, path: { type: 'string' } } },
} as const
const body: Schema = {
  type: 'object',
  required: ['rows'],
  properties: { rows: { type: 'array', maxItems: 10, items: row } },
}

test('members are told with where they stand, what they are and whether they are needed', () => {
  expect(fieldsOf(body, schemas).map(({ path, says, required }) => [path, says, required])).toEqual([
    ['rows', 'list of objects (at most 10)', true],
    ['rows[].order', 'string of at most 20 characters', true],
    ['rows[].amount', 'number from 0 to 1000', true],
    ['rows[].size', 'string one of S, M, or null', false],
    ['rows[].count', 'integer', false],
    ['rows[].at', 'string (date-time) or integer', true],
  ])
  expect(fieldsOf(body, schemas)[3]).toMatchObject({ description: 'Not read' })
})

test('what has several forms is told once, and what is named elsewhere is looked up', () => {
  const error: Schema = { allOf: [{ $ref: '#/components/schemas/Error' }], description: 'Why' }
  const answer: Schema = {
    type: 'object',
    properties: {
      predictions: {
        type: 'array',
        items: {
          anyOf: [
            {
              type: 'object',
              required: ['score', 'id'],
              properties: { score: { type: 'number' }, id: { type: 'string' } },
            },
            { type: 'object', required: ['error'], properties: { error, id: { type: 'string' } } },
          ],
        },
      },
    },
  }
  expect(fieldsOf(answer, schemas).map(({ path, required }) => `${path}${required ? '' : '?'}`)).toEqual([
    ...['predictions?', 'predictions[].score?', 'predictions[].id?', 'predictions[].error?'],
    ...['predictions[].error.code?', 'predictions[].error.path?'],
  ])
  expect(wordsOf({}, schemas)).toBe('any value')
})

test('an operation is a command line with an example that its schema allows', () => {
  const operation = {
    ...{ operationId: 'predict', tags: ['models'], parameters: [], responses: {}, method: 'POST' },
    ...{ path: '/v1/models/late/predict', requestBody: { content: { 'application/json': { schema: body } } } },
  } satisfies Operation
  expect(exampleOf(body, schemas)).toEqual({ rows: [{ order: 'example', amount: 1, at: '2025-01-31T09:30:00Z' }] })
  expect(curlOf(operation, schemas, 'http://here')).toBe(
    `curl -X POST 'http://here/v1/models/late/predict' -H 'content-type: application/json' -d '{"rows":[{"order":"example","amount":1,"at":"2025-01-31T09:30:00Z"}]}'`,
  )
  const parameters = [
    { name: 'model', in: 'path', required: true, schema: { type: 'string' } },
    { name: 'from', in: 'query', required: true, schema: { type: 'integer', minimum: 1 } },
    { name: 'limit', in: 'query', required: false, schema: { type: 'integer' } },
  ] as const
  const { requestBody, ...plain } = operation
  expect(curlOf({ ...plain, method: 'GET', path: '/api/{model}/diff', parameters }, schemas, 'http://here')).toBe(
    "curl 'http://here/api/MODEL/diff?from=1'",
  )
})

test('operations stand under their tag', () => {
  const operation = { operationId: 'a', tags: ['models'], parameters: [], responses: {} }
  const document: OpenApi = {
    ...{ info: { version: '1' }, components: { schemas }, tags: [{ name: 'models', description: 'Asked' }] },
    paths: { '/a': { get: operation, post: { ...operation, operationId: 'b' } } },
  }
  expect(operationsByTag(document)).toMatchObject([
    {
      tag: 'models',
      operations: [
        { method: 'GET', path: '/a' },
        { method: 'POST', operationId: 'b' },
      ],
    },
  ])
})

import './route-documentation.ts'
import type { RouteOptions } from 'fastify'
import type { ModelContract } from '../../operate/serving/model-contract.ts'
import {
  anyPredictRequest,
  flagSchemas,
  type JsonSchema,
  predictRequestSchema,
  predictResponseSchema,
} from './model-schemas.ts'

interface DocumentedSchema {
  readonly operationId?: string
  readonly summary?: string
  readonly params?: { readonly properties: Record<string, object> }
  readonly querystring?: { readonly properties: Record<string, object>; readonly required?: readonly string[] }
  readonly body?: object
}

/** What is said of a route in /openapi.json. */
interface Documented {
  readonly operationId: string
  readonly summary?: string | undefined
  readonly tags: readonly string[]
  readonly parameters: readonly object[]
  readonly body?: object | undefined
  readonly answer?: JsonSchema | undefined
}

const PREDICT = '/v1/models/{model}/predict'

/**
 * OpenAPI 3.1 of the routes that say what they are, with the schemas that validate; and of asking each model that serves,
 * with the schemas of its contract.
 */
export function openApiOf(
  routes: readonly RouteOptions[],
  version: string,
  contracts: readonly ModelContract[],
): object {
  const paths: Record<string, Record<string, object>> = {}
  const add = (url: string, method: string, documented: Documented): void => {
    const own = paths[url] ?? {}
    paths[url] = own
    own[method.toLowerCase()] = operationOf(documented)
  }
  for (const contract of [...contracts].sort((a, b) => (a.model < b.model ? -1 : 1)))
    add(PREDICT.replace('{model}', encodeURIComponent(contract.model)), 'POST', {
      operationId: `predict_${contract.model}`,
      summary: `Scores rows of ${contract.model} by entity; the platform joins the features`,
      tags: ['models'],
      parameters: flagParameters,
      body: predictRequestSchema(contract),
      answer: predictResponseSchema(contract),
    })
  for (const route of routes) {
    const schema = route.schema as DocumentedSchema | undefined
    if (schema?.operationId === undefined || route.method === 'HEAD') continue
    const url = route.url.replaceAll(/:(\w+)/g, '{$1}')
    const predicts = url === PREDICT
    add(url, String(route.method), {
      operationId: schema.operationId,
      summary: schema.summary,
      tags: [url.startsWith('/api/') ? 'platform' : 'data'],
      parameters: [...pathParameters(url, schema), ...(predicts ? flagParameters : queryParameters(schema))],
      body: predicts ? anyPredictRequest : schema.body,
      answer: predicts ? predictResponseSchema() : undefined,
    })
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Trueline', version, license: { name: 'Apache-2.0' } },
    tags: [
      { name: 'models', description: 'Predictions, with the contract of each version that serves' },
      { name: 'data', description: 'Predictions of any model, and events' },
      { name: 'platform', description: 'What the console and the command line ask' },
    ],
    paths,
    components: { schemas: { Error: errorSchema } },
  }
}

const flagParameters = queryParameters({ querystring: { properties: flagSchemas } })

const errorSchema = {
  type: 'object',
  required: ['error', 'code', 'remedy'],
  properties: {
    error: { type: 'string' },
    code: { type: 'string' },
    path: { type: 'string' },
    remedy: { type: 'string' },
  },
}

function operationOf({ operationId, summary, tags, parameters, body, answer }: Documented): object {
  const json = (schema: object) => ({ 'application/json': { schema } })
  return {
    operationId,
    ...(summary === undefined ? {} : { summary }),
    tags,
    parameters,
    ...(body === undefined ? {} : { requestBody: { required: true, content: json(body) } }),
    responses: {
      200: { description: 'Done', ...(answer === undefined ? {} : { content: json(answer) }) },
      default: { description: 'An error', content: json({ $ref: '#/components/schemas/Error' }) },
    },
  }
}

/** Every place in the address, also of a route that says nothing about it. */
function pathParameters(url: string, { params }: DocumentedSchema): object[] {
  return [...url.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    ...{ name, in: 'path', required: true },
    schema: params?.properties[name!] ?? { type: 'string' },
  }))
}

function queryParameters({ querystring }: DocumentedSchema): object[] {
  return Object.entries(querystring?.properties ?? {}).map(([name, schema]) => ({
    ...{ name, in: 'query', required: querystring?.required?.includes(name) ?? false, schema },
  }))
}

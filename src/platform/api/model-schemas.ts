import { LARGEST_NUMBER } from '../../core/data-type.ts'
import { decimalPattern } from '../../data/quality/read-value.ts'
import type { ContractColumn, ModelContract } from '../../operate/serving/model-contract.ts'

/** JSON Schema, as OpenAPI 3.1 takes it. */
export type JsonSchema = Readonly<Record<string, unknown>>

const LARGEST_INTEGER = Number.MAX_SAFE_INTEGER
const MOST_ROWS = 100_000

/** A predict request for a model, by its contract: what a row of it may be, one schema a column. */
export function predictRequestSchema(contract: ModelContract): JsonSchema {
  const columns = Object.entries(contract.request.columns)
  return {
    type: 'object',
    required: ['rows'],
    properties: {
      rows: {
        type: 'array',
        minItems: 1,
        maxItems: MOST_ROWS,
        items: {
          type: 'object',
          additionalProperties: false,
          required: columns.flatMap(([name, { missing }]) => (missing === 'refuse' ? [name] : [])),
          properties: Object.fromEntries(
            columns.map(([name, column]) => [name, columnSchema(column, name === contract.request.time)]),
          ),
        },
      },
      ...flagSchemas,
    },
  }
}

/** What any predict request may say besides its rows, in its body or in its address. */
export const flagSchemas = {
  features: { type: 'boolean', default: false, description: "Say each feature's value and status" },
  freshness: { type: 'boolean', default: false, description: 'Say how fresh the features are' },
  reasons: {
    type: 'boolean',
    default: false,
    description: 'Say why it was decided so; of at most 1000 rows where decisions are owed reasons',
  },
  explain: {
    anyOf: [{ type: 'boolean' }, { type: 'integer', minimum: 1 }],
    default: false,
    description:
      'Say what each input moved the score by: the most important so many, 10 for true; of at most 1000 rows',
  },
} as const

/** A predict request for any model. */
export const anyPredictRequest: JsonSchema = {
  type: 'object',
  required: ['rows'],
  properties: { rows: { type: 'array', minItems: 1, maxItems: MOST_ROWS, items: { type: 'object' } }, ...flagSchemas },
}

/** What each input moved a score by, or why that cannot be said. */
const explanationSchema: JsonSchema = {
  anyOf: [
    {
      type: 'object',
      required: ['unit', 'base', 'margin', 'contributions'],
      properties: {
        class: { type: 'string', description: 'The class that is explained, of a model of several' },
        unit: {
          type: 'string',
          enum: ['log_odds', 'score', 'log_score', 'margin'],
          description: 'Of all numbers here, which are of the score before its calibration',
        },
        base: { type: 'number', description: 'What is expected before anything is known of the row' },
        margin: { type: 'number', description: 'base with all contributions' },
        contributions: {
          type: 'array',
          description: 'Farthest from 0 first',
          items: {
            type: 'object',
            required: ['feature', 'contribution'],
            properties: { feature: { type: 'string' }, contribution: { type: 'number' } },
          },
        },
        others: {
          type: 'object',
          description: 'What is not listed, added up',
          properties: { features: { type: 'integer' }, contribution: { type: 'number' } },
        },
      },
    },
    { $ref: '#/components/schemas/Error' },
  ],
}

/** The answer to a predict request, by the contract of a model; for any model without one. */
export function predictResponseSchema(contract?: ModelContract): JsonSchema {
  const { kind = 'value', min, max } = contract?.response.score ?? {}
  const { decisions = [], reasons, classes } = contract?.response ?? {}
  const decision = { type: 'string', ...(decisions.length === 0 ? {} : { enum: decisions }) }
  const codes = contract === undefined ? '' : `; of a row at fault one of ${contract.response.errors.join(', ')}`
  const scored = {
    type: 'object',
    required: ['prediction_id', 'score', ...(classes === undefined ? [] : ['class', 'probabilities'])],
    properties: {
      prediction_id: { type: 'string' },
      score: {
        type: 'number',
        description: classes === undefined ? `A ${kind}` : 'The probability of the likeliest class',
        ...(min === undefined ? {} : { minimum: min }),
        ...(max === undefined ? {} : { maximum: max }),
      },
      ...classProperties(contract, classes),
      decision,
      overridden_by: { type: 'string', description: 'What decided in the place of the score' },
      reasons: {
        type: 'array',
        items: {
          type: 'object',
          required: ['code'],
          properties: {
            code: { type: 'string', ...(reasons === undefined ? {} : { examples: reasons }) },
            text: { type: 'string' },
            feature: { type: 'string', description: 'The input that led to an adverse decision' },
            contribution: { type: 'number', description: 'How far it moved the score before its calibration' },
            ...(contract !== undefined && classes === undefined
              ? {}
              : { against: { type: 'string', description: 'The class that it would have been otherwise' } }),
          },
        },
      },
      explanation: explanationSchema,
      features: {
        type: 'array',
        items: {
          type: 'object',
          required: ['name', 'value', 'status'],
          properties: {
            name: { type: 'string' },
            value: { type: ['number', 'string', 'boolean', 'null'] },
            status: { type: 'string', enum: ['value', 'null', 'empty', 'unknown_key'] },
          },
        },
      },
    },
  }
  const refused = {
    type: 'object',
    required: ['error'],
    properties: {
      error: {
        allOf: [{ $ref: '#/components/schemas/Error' }],
        description: `Why there is no score${codes}`,
      },
      decision,
    },
  }
  return {
    type: 'object',
    required: ['model', 'version', 'digest', 'contract', 'predictions'],
    properties: {
      model: { type: 'string', ...(contract === undefined ? {} : { const: contract.model }) },
      version: { type: 'integer', minimum: 1 },
      digest: { type: 'string', description: 'Digest of the version' },
      contract: { type: 'string', description: 'Digest of the contract that the rows were held against' },
      predictions: { type: 'array', description: 'One for each row, in order', items: { anyOf: [scored, refused] } },
      freshness: { type: 'array', items: { type: 'object' } },
    },
  }
}

/** Of a model of several classes; for any model they may be there. */
function classProperties(
  contract: ModelContract | undefined,
  classes: readonly string[] | undefined,
): Readonly<Record<string, JsonSchema>> {
  if (contract !== undefined && classes === undefined) return {}
  const description = 'The likeliest class; of equally likely ones the first of the contract'
  const probability = { type: 'number', minimum: 0, maximum: 1 }
  if (classes === undefined)
    return {
      class: { type: 'string', description },
      probabilities: { type: 'object', additionalProperties: probability },
    }
  return {
    class: { type: 'string', enum: classes, description },
    probabilities: {
      type: 'object',
      additionalProperties: false,
      required: classes,
      properties: Object.fromEntries(classes.map((name) => [name, probability])),
    },
  }
}

function columnSchema(column: ContractColumn, isTime: boolean): JsonSchema {
  const schema = valueSchema(column)
  const says = isTime
    ? 'The time of the question'
    : column.used
      ? undefined
      : 'Not read by the model; kept with the prediction'
  const described = says === undefined ? schema : { ...schema, description: says }
  if (column.missing === 'refuse') return described
  if (Array.isArray(schema['anyOf'])) return { ...described, anyOf: [...schema['anyOf'], { type: 'null' }] }
  const nulled = { ...described, type: [schema['type'], 'null'] }
  return Array.isArray(schema['enum']) ? { ...nulled, enum: [...schema['enum'], null] } : nulled
}

function valueSchema({ type, min, max, scale = 0, maxLength, oneOf, unknown }: ContractColumn): JsonSchema {
  switch (type) {
    case 'int':
      return { type: 'integer', minimum: min ?? -LARGEST_INTEGER, maximum: max ?? LARGEST_INTEGER }
    case 'number':
      return { type: 'number', minimum: min ?? -LARGEST_NUMBER, maximum: max ?? LARGEST_NUMBER }
    case 'decimal': {
      const number = {
        type: 'number',
        ...(min === undefined ? {} : { minimum: min }),
        ...(max === undefined ? {} : { maximum: max }),
      }
      return { anyOf: [number, { type: 'string', pattern: decimalPattern(scale).source }] }
    }
    case 'bool':
      return { type: 'boolean' }
    case 'string': {
      if (unknown === 'null') return { type: 'string', examples: oneOf }
      return {
        type: 'string',
        ...(maxLength === undefined ? {} : { maxLength }),
        ...(oneOf === undefined ? {} : { enum: oneOf }),
      }
    }
    case 'timestamp': {
      const whole = { type: 'integer', description: 'Microseconds since 1970' }
      return { anyOf: [{ type: 'string', format: 'date-time' }, whole] }
    }
  }
}

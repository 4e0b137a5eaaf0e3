import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TruelineError } from '../../../core/errors.ts'
import {
  experimentSpace,
  type FilterSpace,
  loggedModelSpace,
  modelVersionSpace,
  registeredModelSpace,
  runSpace,
} from './filter-space.ts'
import { type Condition, orderTerm, parseFilter, parseKeys, parseOrder, parseOrderText } from './parse-filter.ts'

const of = (entity: string, key: string, comparator: string, value: unknown) => ({ entity, key, comparator, value })

test.each([
  ['metrics.auc > 0.8', of('metric', 'auc', '>', 0.8)],
  ['metric.auc>=-.5e1', of('metric', 'auc', '>=', -5)],
  ['metrics.`my auc/1` != 3', of('metric', 'my auc/1', '!=', 3)],
  ['`metrics`.auc = 3', of('metric', 'auc', '=', 3)],
  ["params.depth = '6'", of('parameter', 'depth', '=', '6')],
  ['parameter."max depth" = "6"', of('parameter', 'max depth', '=', '6')],
  ["parameters.a-b.c.1 like 'x%'", of('parameter', 'a-b.c.1', 'LIKE', 'x%')],
  ['params.a IS NULL', of('parameter', 'a', 'IS NULL', null)],
  ['tags.mlflow.parentRunId is not null', of('tag', 'mlflow.parentRunId', 'IS NOT NULL', null)],
  ["tag.x != 'it''s'", of('tag', 'x', '!=', "it's")],
  ["tag.x = 'AND'", of('tag', 'x', '=', 'AND')],
  ['attributes.start_time < 1664067852747', of('attribute', 'start_time', '<', 1664067852747)],
  ['created = 5', of('attribute', 'start_time', '=', 5)],
  ["attr.`Run name` ILIKE '%a'", of('attribute', 'run_name', 'ILIKE', '%a')],
  ["status = 'finished'", of('attribute', 'status', '=', 'FINISHED')],
  ["status LIKE 'fin%'", of('attribute', 'status', 'LIKE', 'fin%')],
  ["run.status = 'RUNNING'", of('attribute', 'status', '=', 'RUNNING')],
  ["run_id IN ('a', \"b\",'c',)", of('attribute', 'run_id', 'IN', ['a', 'b', 'c'])],
  ["attribute.run_id NOT IN ('a')", of('attribute', 'run_id', 'NOT IN', ['a'])],
  ["datasets.digest = 'x'", of('dataset', 'digest', '=', 'x')],
  ["dataset.context in ('train')", of('dataset', 'context', 'IN', ['train'])],
])('%s is read as it is meant', (text, condition) => {
  expect(parseFilter(text, runSpace)).toEqual([condition])
})

test.each([
  ['', []],
  [undefined, []],
  [" metrics.a > 1\nAND\tparams.b = 'c' and tags.d LIKE '%' ", ['a', 'b', 'd']],
  ["AND metrics.a > 1 AND and tags.'b' = 'c' AND ", ['a', 'b']],
])('comparisons are joined by AND: %j', (text, keys) => {
  expect(parseFilter(text, runSpace).map(({ key }) => key)).toEqual(keys)
})

test.each([
  ["metrics.a > '1'", runSpace, 13, "'a' is compared with a number, and found '1'"],
  ['params.a = 1', runSpace, 12, 'a text between quotes, and found 1'],
  ["params.a > '1'", runSpace, 10, 'not compared by >'],
  ["params.a IN ('1')", runSpace, 10, 'not compared by IN'],
  ['metrics.a IS NULL', runSpace, 11, 'not compared by IS NULL'],
  ["foo.a = '1'", runSpace, 1, "'foo' is not one of attribute"],
  ["constructor = '1'", runSpace, 1, "no attribute 'constructor'"],
  ["__proto__.a = '1'", runSpace, 1, "'__proto__' is not one of"],
  ["run_id = 'x' OR run_id = 'y'", runSpace, 14, 'expected AND and found OR: comparisons are joined by AND only'],
  ["run_id = 'x' run_id = 'y'", runSpace, 14, 'expected AND and found run_id'],
  ['AND', runSpace, 4, 'found the end'],
  ["run_id = 'x", runSpace, 10, "a ' that has no end"],
  ['metrics.`a > 1', runSpace, 9, 'a ` that has no end'],
  ['metrics.a == 1', runSpace, 11, 'found =='],
  ['metrics.a', runSpace, 10, 'expected an operator'],
  ['metrics. a = 1', runSpace, 10, 'the rest of a key'],
  ['run_id IN ()', runSpace, 12, 'found )'],
  ["run_id IN ('a' 'b')", runSpace, 16, "expected ) and found 'b'"],
  ["status IN ('a')", runSpace, 8, 'not compared by IN'],
  ["dataset.source = 'a'", runSpace, 1, "no 'source'"],
  ["tags.a IS 'x'", runSpace, 11, 'expected NULL'],
  ['metrics.a = 1; DROP TABLE runs', runSpace, 14, "';' has no meaning"],
  ['metrics.a = 1', experimentSpace, 1, "'metrics' is not one of attribute, tag"],
  ["creation_time > 'x'", experimentSpace, 17, 'a number'],
  ['tags.a IS NULL', registeredModelSpace, 8, 'not compared by IS NULL'],
  ['creation_timestamp > 1', registeredModelSpace, 1, 'cannot be filtered'],
  ['run_id = 1', modelVersionSpace, 10, 'a text'],
  [`params.a LIKE '${'%'.repeat(1001)}'`, runSpace, 15, 'at most 1000 characters'],
  [`params.a LIKE '%${'a'.repeat(251)}%'`, runSpace, 15, 'after a % a pattern has at most 250 characters'],
  [`tags.a ILIKE 'b%${'a'.repeat(251)}'`, runSpace, 14, 'after a % a pattern has at most 250 characters'],
])('%s is refused where the mistake is', (text, space: FilterSpace, at, message) => {
  const refusal = expect.objectContaining({
    code: 'invalid_filter',
    message: expect.stringMatching(new RegExp(`^Invalid filter at character ${at}: .*${escaped(message)}`)),
  })
  expect(() => parseFilter(text, space)).toThrow(refusal)
})

test('whatever text comes is read or refused with its place', () => {
  const pieces = fc.array(
    fc.oneof(
      fc.constantFrom(
        'metrics',
        'params',
        '.',
        '`',
        '"',
        "'",
        '=',
        '>',
        'IN',
        '(',
        ')',
        ',',
        ' AND ',
        'NOT',
        '1',
        'a b',
        '\\',
      ),
      fc.string({ unit: 'grapheme', maxLength: 4 }),
    ),
    { maxLength: 14 },
  )
  fc.assert(
    fc.property(pieces, fc.constantFrom(runSpace, loggedModelSpace, modelVersionSpace), (given, space) => {
      const text = given.join('')
      try {
        for (const { comparator } of parseFilter(text, space)) expect(comparator).toMatch(/^[A-Z<>=! ]+$/)
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(TruelineError)
        const place = Number(/character (\d+):/.exec((thrown as Error).message)?.[1])
        expect(place).toBeGreaterThanOrEqual(1)
        expect(place).toBeLessThanOrEqual(text.length + 1)
      }
    }),
    { seed: 5, numRuns: 2000 },
  )
})

test('what is written of any comparisons is read as these', () => {
  const key = fc.string({
    unit: fc.constantFrom('a', 'Z', '1', ' ', '.', '/', '_', "'", '\u00e9'),
    minLength: 1,
    maxLength: 6,
  })
  const text = fc.string({ unit: 'grapheme', maxLength: 8 }).filter((value) => !value.includes('\\'))
  const condition: fc.Arbitrary<Condition> = fc.oneof(
    fc.record({
      entity: fc.constant('metric' as const),
      key,
      comparator: fc.constantFrom('=', '!=', '<', '<=', '>', '>='),
      value: fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
    }),
    fc.record({
      entity: fc.constantFrom('tag' as const, 'parameter' as const),
      key,
      comparator: fc.constantFrom('=', '!=', 'LIKE', 'ILIKE'),
      value: text,
    }),
    fc.record({
      entity: fc.constant('attribute' as const),
      key: fc.constant('run_id'),
      comparator: fc.constantFrom('IN', 'NOT IN'),
      value: fc.array(text, { minLength: 1, maxLength: 3 }),
    }),
  )
  fc.assert(
    fc.property(fc.array(condition, { minLength: 1, maxLength: 3 }), (conditions) => {
      expect(parseFilter(conditions.map(written).join(' AND '), runSpace)).toEqual(conditions)
    }),
    { seed: 5, numRuns: 500 },
  )
})

function written({ entity, key, comparator, value }: Condition): string {
  const quoted = (one: unknown) => `'${String(one).replaceAll("'", "''")}'`
  const right = Array.isArray(value)
    ? `(${value.map(quoted).join(', ')})`
    : typeof value === 'number'
      ? value
      : quoted(value)
  return `${entity}.\`${key}\` ${comparator} ${right}`
}

test('an order is a key with its direction', () => {
  const order = ['metrics.`a b` DESC', 'params.x', 'attributes.start_time asc', 'run_name desc']
  expect(parseOrder(order, runSpace)).toEqual([
    { entity: 'metric', key: 'a b', ascending: false },
    { entity: 'parameter', key: 'x', ascending: true },
    { entity: 'attribute', key: 'start_time', ascending: true },
    { entity: 'attribute', key: 'run_name', ascending: false },
  ])
  expect(parseOrder(['timestamp DESC'], registeredModelSpace)).toMatchObject([{ key: 'last_updated_timestamp' }])
  expect(orderTerm('metrics.my auc', false, loggedModelSpace)).toMatchObject({ entity: 'metric', key: 'my auc' })
})

test('a mistake names what it is in', () => {
  const saying = (message: string) => expect.objectContaining({ code: 'invalid_filter', message })
  expect(() => parseOrder(['metrics.a ;'], runSpace)).toThrow(
    saying("Invalid order_by at character 11: ';' has no meaning here."),
  )
  expect(() => parseKeys('metrics.a, foo.b', runSpace)).toThrow(/^Invalid columns at character 12: 'foo' is not one of/)
})

test.each([
  ['metrics.a SIDEWAYS', runSpace],
  ['metrics.a DESC NULLS LAST', runSpace],
  ['dataset.name', runSpace],
  ['tags.a', experimentSpace],
  ['run_id', modelVersionSpace],
  ['', runSpace],
])('%j is no order', (text, space) => {
  expect(() => parseOrder([text], space)).toThrow(expect.objectContaining({ code: 'invalid_filter' }))
})

test('an order and keys may stand in one text', () => {
  expect(parseOrderText('metrics.`a, b` DESC,start_time', runSpace)).toEqual([
    { entity: 'metric', key: 'a, b', ascending: false },
    { entity: 'attribute', key: 'start_time', ascending: true },
  ])
  expect(parseKeys('metrics.auc, params."x y"', runSpace)).toEqual([
    { entity: 'metric', key: 'auc' },
    { entity: 'parameter', key: 'x y' },
  ])
  expect(parseKeys(' ', runSpace)).toEqual([])
  for (const text of ['metrics.a,', ',', 'metrics.a b', 'metrics.a; params.b'])
    expect(() => parseKeys(text, runSpace)).toThrow(expect.objectContaining({ code: 'invalid_filter' }))
})

test('what follows a key of an order is ASC, DESC or a comma', () => {
  const mistaken = () => parseOrderText('metrics.auc DOWN', runSpace)
  expect(mistaken).toThrow('Invalid order_by at character 13: expected ASC, DESC or a comma and found DOWN.')
})

test('no key orders twice', () => {
  const twice = ['start_time', 'created DESC']
  expect(() => parseOrder(twice, runSpace)).toThrow(expect.objectContaining({ code: 'invalid_filter' }))
})

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

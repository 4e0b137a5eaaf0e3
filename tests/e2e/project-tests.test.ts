import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { importShop, makeHistory, NOW, openShop, temporaryFolder, trainAndServe } from './shop-fixture.ts'
import { trueline } from './trueline.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let config: string
let data: string
const served = { version: 0, score: 0 }
const asked = { order: 'L1', customer: 'C1', product: 'P1', amount: 20, card: null, ordered_at: NOW }

beforeAll(async () => {
  folder = await temporaryFolder()
  config = join(folder.path, 'trueline.config.ts')
  data = join(folder.path, 'data')
  const fixture = relative(folder.path, join(import.meta.dirname, 'shop-fixture.ts'))
  await writeFile(config, `export * from '${fixture}'\n`)
  await mkdir(join(folder.path, 'tests'))
  await writeFile(join(folder.path, 'package.json'), '{"type":"module"}')
  const { platform } = await openShop({ folder: folder.path })
  await importShop(platform, folder.path, makeHistory())
  served.version = await trainAndServe(platform, 'sent_back')
  await platform.close()
})

afterAll(async () => {
  await folder[Symbol.asyncDispose]()
})

const sources = relative('/', join(import.meta.dirname, '../../src/index.ts'))

/** Runs one file of tests. */
async function run(name: string, tests: string, ...words: string[]) {
  const path = join(folder.path, 'tests', `${name}.trueline.ts`)
  const head = `import { about, expectRows, given, inSet, notNull, status, test } from '/${sources}'
    import { customerOrders, orders, returns, sentBack } from '../trueline.config.ts'
    const order = { order: 'a', customer: 'C1', product: 'P1', amount: 10, card: null, ordered_at: '2025-03-01T10:00:00Z' }\n`
  await writeFile(path, head + tests)
  return trueline('test', path, '--config', config, '--directory', data, ...words)
}

test('features are tested against events, at the moments of the test, on the real platform', async () => {
  const { code, json } = await run(
    'features',
    `test('counts', given(orders, [order, { ...order, order: 'b', amount: 0.2, ordered_at: '2025-03-02T10:00:00Z' }])
      .at('2025-03-02T10:00:00Z')
      .expect(customerOrders, { customer: 'C1' }, { orders_2d: 1, last_amount: 10 })
      .at('2025-03-02T10:00:01Z')
      .expect(customerOrders, { customer: 'C1' }, { orders_2d: 2, last_amount: 0.2, spent: 10.2 })
      .expect(customerOrders, { customer: 'C2' }, { spent: null, last_amount: status('unknown_key') }))
    test('late', given(orders, [order], { arriving: '2025-03-01T12:00:00Z' })
      .at('2025-03-01T11:00:00Z').expect(customerOrders, { customer: 'C1' }, { orders_2d: 0 })
      .and(orders, [{ ...order, order: 'b' }], { arriving: '2025-03-01T13:00:00Z' })
      .at('2025-03-01T12:00:00Z').expect(customerOrders, { customer: 'C1' }, { orders_2d: 1 })
      .expectInputs(sentBack, { ...order, ordered_at: '2025-03-01T13:00:00Z' }, {
        'customer_orders.orders_2d': 1, 'product_returns.since_last': status('unknown_key'), 'timing.hour': 13, amount: 10,
      })
      .at('2025-03-01T13:00:00Z').expect(customerOrders, { customer: 'C1' }, { orders_2d: 2 }))`,
    '--json',
  )
  expect(json.tests.flatMap((one: { failures: unknown[] }) => one.failures)).toEqual([])
  expect({ code, passed: json.passed }).toEqual({ code: 0, passed: 2 })
})

test('a failing test tells what was expected, what came, and the events that made it', async () => {
  const { code, stdout } = await run(
    'failing',
    `test('counts', given(orders, [order, { ...order, order: 'b', amount: 20 }, { ...order, order: 'c', amount: -1 }])
      .at('2025-03-02').expect(customerOrders, { customer: 'C1' }, { orders_2d: 3, spent: about(30, 1) }))`,
  )
  expect(code).toBe(1)
  const lines = stdout.split('\n').map((line) => line.trim())
  expect(lines.slice(1, 8)).toEqual([
    'customer_orders.orders_2d of customer=C1 at 2025-03-02T00:00:00Z',
    'expected 3',
    'came     2',
    'number of rows over the last 2d',
    'made from 2 events:',
    expect.stringMatching(/^2025-03-01T10:00:00Z {2}\{"order":"b"/),
    expect.stringMatching(/^2025-03-01T10:00:00Z {2}\{"order":"a"/),
  ])
  expect(lines.slice(8, 12)).toEqual([
    ...['rows given to orders', 'expected accepted', 'came     1 rejected'],
    expect.stringMatching(/^out_of_range: -1 in 'amount' .* \{"order":"c"/),
  ])
  expect(lines.at(-2)).toMatch(/^0 passed, 1 failed, 0 could not run, in [\d.]+ s$/)
})

test('what a failing test shows of its rows leaves out what is sensitive: the logs of runs keep it', async () => {
  const { code, stdout } = await run(
    'sensitive',
    `const paid = { ...order, card: '4111-1111' }
    test('rows', given(orders, [paid, { ...paid, order: 'b', amount: -1 }, { ...paid, order: 'c', crd: '4111-1111' }]))
    test('more rows', expectRows(orders, [{ ...paid, amount: -1 }]).toBeAccepted())
    test('features', given(orders, [paid]).at('2025-03-02').expect(customerOrders, { customer: 'C1' }, { orders_2d: 3 }))`,
  )
  expect(code).toBe(1)
  expect(stdout).toMatch(/"order":"a",[^\n]*"card":"\*\*\*"/)
  expect(stdout).toContain('out_of_range')
  expect(stdout).not.toContain('4111')
})

test('data is tested by what the platform accepts, rows and whole files', async () => {
  const file = join(folder.path, 'tests', 'some.csv')
  const header = 'order,customer,product,amount,card,ordered_at'
  await writeFile(file, `${header}\na,C1,P1,10,,2025-03-01\nb,C1,P1,-10,,2025-03-01\n`)
  const { code, json } = await run(
    'data',
    `const bad = { ...order, order: 'b', amount: 'x' }
    test('codes', expectRows(orders, [order, bad]).toBeRejected(['accepted', 'wrong_type']))
    test('share', expectRows(orders, 'some.csv').toBeAccepted({ share: 0.5 }))
    test('all', expectRows(orders, 'some.csv').toBeAccepted())
    test('other', expectRows(orders, [order]).toBeRejected('wrong_type'))
    test('checks', expectRows(orders, [order, { ...order, order: 'b', product: 'P9' }]).toPass(notNull('customer'), inSet('product', ['P1'])))
    test('own', expectRows(orders, [order]).toPass())`,
    '--json',
  )
  expect(code).toBe(1)
  expect(json.tests.map((one: { outcome: string }) => one.outcome)).toEqual([
    ...['passed', 'passed', 'failed', 'failed', 'failed', 'passed'],
  ])
  expect(json.tests[4].failures).toMatchObject([
    {
      what: expect.stringContaining('product'),
      expected: 'pass',
      actual: 'fail',
      because: [expect.stringContaining('1 of 2'), 'P9'],
    },
  ])
  expect(json.tests[2].failures).toEqual([
    {
      ...{ what: 'rows of orders', expected: 'all accepted', actual: '1 of 2 accepted' },
      because: [expect.stringMatching(/^out_of_range: .*"amount":-10/)],
    },
  ])
})

test('predictions are tested with a version of the data directory, or with one that the test trains', async () => {
  const golden = `given(orders, [{ ...order, ordered_at: ${NOW - 3600e6} }]).at('${new Date(NOW / 1000).toISOString()}')
    .use(sentBack, ${served.version})`
  const row = JSON.stringify(asked)
  const first = await run(
    'golden',
    `test('any', ${golden}.expectPrediction(sentBack, ${row}, { score: -1 }))`,
    '--json',
  )
  const [failure] = first.json.tests[0].failures
  served.score = Number(failure.actual)
  expect(served.score).toBeGreaterThan(0)
  const again = await run(
    'golden-again',
    `test('the same', ${golden}.expectPrediction(sentBack, ${row}, {
       score: ${served.score}, decision: '${served.score >= 0.3 ? 'ask' : 'ship'}',
       features: { 'customer_orders.orders_2d': 1, amount: 20 },
     }))
     test('trained', given(orders, '../orders.csv').and(returns, '../returns.csv')
       .at('${new Date(NOW / 1000).toISOString()}').train(sentBack)
       .expectPrediction(sentBack, ${row}, { score: about(0.5, 0.5) }))`,
    '--json',
  )
  expect(again.json.tests.flatMap((one: { failures: unknown[] }) => one.failures)).toEqual([])
  expect(again.json.passed).toBe(2)
})

test('results are written as JUnit XML; a test that cannot run is an error, and does not keep others from it', async () => {
  const file = join(folder.path, 'results.xml')
  const { code, json } = await run(
    'errors',
    `test('no file <&> "here"', expectRows(orders, 'none.csv').toBeAccepted())
    test('skipped', expectRows(orders, 'none.csv').toBeAccepted())
    test('no file needed', given(orders, [order]).at('2025-03-02').expect(customerOrders, { customer: 'C1' }, { spent: 10 }))`,
    ...['--json', '--junit', file, '--filter', 'no file'],
  )
  expect(code).toBe(1)
  expect(json).toMatchObject({ passed: 1, failed: 0, errors: 1, tests: [{ outcome: 'error' }, { outcome: 'passed' }] })
  const xml = await readFile(file, 'utf8')
  expect(xml).toContain('<testsuites name="trueline" tests="2" failures="0" errors="1"')
  expect(xml).toContain('name="no file &lt;&amp;&gt; &quot;here&quot;"')
  expect(xml).toMatch(/<error message="file_not_found">file_not_found&#10;/)
})

test('files that cannot be loaded, and folders without tests, are refused by code', async () => {
  expect(await run('broken', 'const = 5', '--json')).toMatchObject({ code: 1, json: { code: 'tests_invalid' } })
  expect(await run('unknown', "test('x', given(nothing, []))", '--json')).toMatchObject({
    json: { code: 'tests_invalid' },
  })
  expect(await run('empty', '', '--json')).toMatchObject({ code: 1, json: { code: 'no_tests' } })
  expect(await trueline('test', 'none.trueline.ts', '--config', config, '--json')).toMatchObject({
    json: { code: 'file_not_found' },
  })
})

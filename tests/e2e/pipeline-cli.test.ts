import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { formatTime } from '../../src/core/time.ts'
import { openDuckdb, sqlText } from '../../src/stores/lake/duckdb.ts'
import { readCount } from '../../src/stores/lake/read-columns.ts'
import { importShop, makeHistory, NOW, openShop, temporaryFolder } from './shop-fixture.ts'
import { trueline } from './trueline.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let tests: string
const at = formatTime(NOW)

beforeAll(async () => {
  folder = await temporaryFolder()
  const { platform } = await openShop({ folder: folder.path })
  await importShop(platform, folder.path, makeHistory())
  await platform.close()
  const fixture = relative(folder.path, join(import.meta.dirname, 'shop-fixture.ts'))
  await writeFile(join(folder.path, 'trueline.config.ts'), `export { refundSize, sentBack } from '${fixture}'\n`)
  await writeFile(join(folder.path, 'package.json'), '{"type":"module"}')
  await mkdir(join(folder.path, 'tests'))
  tests = join(folder.path, 'tests', 'orders.trueline.ts')
  await writeTests(9)
})

afterAll(async () => {
  await folder[Symbol.asyncDispose]()
})

/** Tests of what refund_size reads, and of what it does not. */
async function writeTests(returned: number): Promise<void> {
  const sources = join(import.meta.dirname, '../../src/index.ts')
  const fixture = join(import.meta.dirname, 'shop-fixture.ts')
  await writeFile(
    tests,
    `import { given, test } from '${sources}'
     import { customerOrders, orders, productReturns, returns } from '${fixture}'
     const order = { order: 'a', customer: 'C1', product: 'P1', amount: 10, card: null, ordered_at: '2025-03-01T10:00:00Z' }
     const sent = { order: 'a', customer: 'C1', product: 'P1', refund: 10, line: 1, returned_at: '2025-03-01T11:00:00Z' }
     test('no order counts, which is wrong', given(orders, [order]).at('2025-03-02').expect(customerOrders, { customer: 'C1' }, { orders_2d: 0 }))
     test('one return counts', given(returns, [sent]).at('2025-03-02').expect(productReturns, { product: 'P1' }, { returns_3d: ${returned} }))`,
  )
}

const inProject = (...words: string[]) =>
  trueline(...words, '--config', join(folder.path, 'trueline.config.ts'), '--directory', join(folder.path, 'data'))

test("nothing is trained while the project's own tests of the model fail, and their passing is a step of the run", async () => {
  const refused = await inProject('train', 'refund_size', '--variant', 'without_windows', '--at', at, '--json')
  expect(refused).toMatchObject({ code: 1, json: { code: 'project_tests_failed' } })
  expect(refused.json.error).toBe(
    '1 of 1 test of refund_size did not pass: tests/orders.trueline.ts: one return counts.',
  )
  const causes = await inProject('runs', 'logs', 'run-1')
  expect(causes.stdout).toMatch(/tests +did not pass: tests\/orders\.trueline\.ts: one return counts/)
  expect(causes.stdout).toMatch(/tests +product_returns\.returns_3d of product=P1 at 2025-03-02T00:00:00Z/)
  expect(causes.stdout).toMatch(/tests +expected 9\n.*tests +came {5}1/)

  await writeTests(1)
  // The baseline comes along: the tests that passed for it have passed for the full model, too.
  const trained = await inProject('train', 'refund_size', '--at', at, '--json')
  expect(trained.json).toMatchObject({ run: 'run-3', variant: 'full', baseline: 1, cached: { tests: 'run-2' } })
  const { rows, parts } = trained.json.dataset
  expect(parts.train + parts.validate + parts.test).toBe(rows)
  const taken = await inProject('runs', 'logs', 'run-3')
  expect(taken.stdout).toMatch(/tests +The tests of the project passed for run-2\./)
  const steps = await inProject('runs', 'steps', 'run-2')
  expect(steps.stdout).toMatch(/^run-2 of refund_size: succeeded\n/)
  expect(steps.stdout).toMatch(/tests +done/)
  const logs = await inProject('runs', 'logs', 'run-2', '--follow')
  expect(logs.stdout).toMatch(/tests +1 test of refund_size passed\./)
  expect(logs.stdout).toMatch(/tests +Not run, as refund_size does not use what they are about: 1 test\./)
  expect(logs.code).toBe(0)
  expect(await inProject('runs', 'cancel', 'run-2', '--json')).toMatchObject({
    code: 1,
    json: { code: 'run_finished' },
  })
  await rm(tests)
})

test('a dataset is built into files for its parts, by the steps of a training', async () => {
  const to = join(folder.path, 'rows')
  const words = ['dataset', 'build', 'refund_size', '--variant', 'without_windows', '--at', at]
  const built = await inProject(...words, '--to', to, '--json')
  const { manifest, cachedFrom, bytes } = built.json
  const said = await inProject(...words)
  expect(said.stdout).toContain(`${manifest.excluded.before} before ${formatTime(manifest.from)}: the split reaches no`)
  const written = await Promise.all((await readdir(to)).map(async (name) => (await stat(join(to, name))).size))
  expect(bytes).toBe(written.reduce((sum, size) => sum + size, 0))
  expect(cachedFrom).toBe('run-2')
  expect(JSON.parse(await readFile(join(to, 'manifest.json'), 'utf8'))).toEqual(manifest)
  const duckdb = await openDuckdb({ temporaryFolder: folder.path })
  try {
    await duckdb.withConnection(async (connection) => {
      for (const [part, rows] of Object.entries(manifest.parts)) {
        const file = sqlText(join(to, `${part}.parquet`))
        expect(await readCount(connection, `SELECT count(*) FROM ${file}`)).toBe(rows)
      }
    })
  } finally {
    duckdb.close()
  }
})

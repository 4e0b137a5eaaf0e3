import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { csvOf, makeHistory, temporaryFolder } from './shop-fixture.ts'
import { type Ran, trueline } from './trueline.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let config: string

beforeAll(async () => {
  folder = await temporaryFolder()
  config = join(folder.path, 'trueline.config.ts')
  await writeFile(join(folder.path, 'orders.csv'), csvOf(makeHistory().orders))
  const index = JSON.stringify(resolve(import.meta.dirname, '../../src/index.ts'))
  await writeFile(
    config,
    `import { between, completeness, notNull, stream, t } from ${index}
     export const orders = stream('orders', {
       key: 'order',
       time: 'ordered_at',
       schema: {
         order: t.string(), customer: t.string({ nullable: true }), product: t.string(), amount: t.number(),
         card: t.string({ nullable: true, sensitive: true }), ordered_at: t.timestamp(),
       },
       quality: [between('amount', 5, 50), completeness('customer').atLeast(0.5), notNull('card').warn()],
     })`,
  )
})

afterAll(async () => {
  await folder[Symbol.asyncDispose]()
})

function run(...words: string[]): Promise<Ran> {
  return trueline('--config', config, '--directory', join(folder.path, 'data'), ...words)
}

test('a failing batch is listed and shown, with an exit code for a pipeline', async () => {
  await mkdir(join(folder.path, 'data'))
  expect(await run('quality')).toMatchObject({ code: 0, stdout: expect.stringContaining('No batch was judged yet') })
  const ingested = await run('ingest', 'orders', join(folder.path, 'orders.csv'), '--history')
  expect(ingested.code).toBe(1)
  expect(ingested.stdout.trim().split('\n')).toEqual([
    'orders: 1440 accepted, 0 duplicates, 0 rejected',
    'its checks: fail (verdict-1), in 1 of 3:',
    expect.stringMatching(
      /^ {2}range of amount: it must lie between 5 and 50: [\d,]+ of 1,440 rows have a 'amount' that is out of range/,
    ),
    'next: trueline quality show verdict-1',
  ])
  // Nothing but duplicates: nothing is judged again.
  const again = await run('ingest', 'orders', join(folder.path, 'orders.csv'), '--history', '--json')
  expect(again).toMatchObject({ code: 0, json: { accepted: 0, duplicates: 1440 } })
  expect(again.json.quality).toBeUndefined()

  const listed = await run('quality', '--json')
  expect(listed.code).toBe(1)
  expect(listed.json).toMatchObject({
    total: 1,
    newest: [{ subject: 'stream/orders', scope: 'import', verdict: 'fail' }],
  })
  expect(await run('quality', '--subject', 'stream/other')).toMatchObject({ code: 0 })

  const shown = await run('quality', 'show', 'verdict-1')
  expect(shown.code).toBe(1)
  expect(shown.stdout).toContain('range of amount: it must lie between 5 and 50')
  expect(shown.stdout).toMatch(/of 1,440 rows have a 'amount' that is out of range/)
  expect(shown.stdout).not.toContain('4000-')
  expect(await run('quality', 'show', 'verdict-9', '--json')).toMatchObject({
    code: 1,
    json: { code: 'unknown_verdict' },
  })
})

test('a profile and suggestions come from the rows that are there', async () => {
  const profile = await run('quality', 'profile', 'orders', '--json')
  expect(profile.json.profile).toMatchObject({ rows: 1440, total: 6 })
  expect(JSON.stringify(profile.json)).not.toContain('4000-')
  expect((await run('quality', 'profile', 'orders')).stdout).toMatch(/amount +number +1440 +0\.0%/)

  const suggested = await run('quality', 'suggest', 'orders')
  const lines = suggested.stdout.split('\n').map((line) => line.replace(/ *\/\/.*/, ''))
  expect(lines.slice(0, 3)).toEqual(['quality: [', "  atLeast('amount', 0),", "  completeness('card').atLeast(0.52),"])
  expect(lines).toEqual(
    expect.arrayContaining([
      "  unique('order'),",
      "  inSet('product', ['P0', 'P1', 'P2', 'P3', 'P4', 'P5', 'P6', 'P7']),",
    ]),
  )
  expect(suggested.stdout).not.toContain('4000-')
  expect((await run('quality', 'suggest', 'nothing', '--json')).json).toMatchObject({ code: 'unknown_stream' })
})

test('a stream goes out as a contract and comes back as the lines of a project file', async () => {
  const { stdout } = await run('quality', 'export', 'orders')
  expect(stdout).toContain('apiVersion: v3.1.0')
  const contract = join(folder.path, 'orders.odcs.yaml')
  await writeFile(contract, stdout)
  const back = await run('quality', 'import', contract, '--json')
  expect(back.json).toMatchObject({ name: 'orders', unmapped: [] })
  const copy = join(folder.path, 'copy.config.ts')
  const index = JSON.stringify(resolve(import.meta.dirname, '../../src/index.ts'))
  await writeFile(copy, back.json.config.replace("'trueline'", index))
  expect((await trueline('--config', copy, 'quality', 'export', 'orders')).stdout).toBe(stdout)
  expect(await readFile(copy, 'utf8')).toContain("between('amount', 5, 50)")
  expect(await run('quality', 'import', join(folder.path, 'none.yaml'), '--json')).toMatchObject({
    code: 1,
    json: { code: 'file_not_found' },
  })
})

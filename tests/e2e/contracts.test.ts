import { cp, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listAudit } from '../../src/governance/audit-log.ts'
import { col, label, model, req, request, stream, t } from '../../src/index.ts'
import { collectProject } from '../../src/language/define/collect-project.ts'
import type { ModelDefinition, ProjectDefinition } from '../../src/language/define/definitions.ts'
import { digestOfModel } from '../../src/language/define/digest.ts'
import type { OwnedPlatform } from '../../src/platform/app/open-platform.ts'
import { servePlatform } from '../../src/platform/app/serve.ts'
import { shopConfig } from './running-platform.ts'
import {
  importShop,
  makeHistory,
  NOW,
  openShop,
  sentBack,
  shop,
  temporaryFolder,
  trainAndServe,
} from './shop-fixture.ts'
import { trueline } from './trueline.ts'

/** A folder with a trained shop, whose version 1 serves. */
let template: Awaited<ReturnType<typeof temporaryFolder>>

beforeAll(async () => {
  template = await temporaryFolder()
  const { platform } = await openShop({ folder: template.path })
  await importShop(platform, template.path, makeHistory())
  await trainAndServe(platform, 'sent_back', 'without_windows')
  await platform.close()
})

afterAll(async () => {
  await template[Symbol.asyncDispose]()
})

async function trainedShop() {
  const folder = await temporaryFolder()
  await cp(join(template.path, 'data'), join(folder.path, 'data'), { recursive: true })
  return folder
}

/** The shop with its model changed. */
function shopWith(change: (definition: ModelDefinition) => Partial<ModelDefinition>): ProjectDefinition {
  const definition = { ...shop.models['sent_back']!, ...change(shop.models['sent_back']!) }
  return { ...shop, models: { ...shop.models, sent_back: definition } }
}

async function approved(platform: OwnedPlatform): Promise<number> {
  const { version } = await platform.train('sent_back', { name: 'ann' }, { variant: 'without_windows' })
  await platform.approve('sent_back', version, { name: 'ben' }, 'For the test.')
  return version
}

const order = { order: 'K1', customer: 'C1', product: 'P1', amount: 20, card: null, ordered_at: NOW }

test('every answer names the contract by which it was given, and the contract says what it takes and gives', async () => {
  await using folder = await trainedShop()
  const { platform } = await openShop({ folder: folder.path })
  try {
    const { digest, contract, serving, consumers } = await platform.contract('sent_back')
    expect({ serving, consumers }).toEqual({ serving: true, consumers: [] })
    expect(await platform.predict('sent_back', [order])).toMatchObject({ contract: digest })
    expect(contract.request.columns).toMatchObject({
      amount: { type: 'number', min: 0, max: 1000, missing: 'refuse', used: true },
      card: { type: 'string', sensitive: true, missing: 'null', used: false },
      customer: { missing: 'null', used: true },
      // The model with windows needs it, and its baseline takes the same rows.
      product: { missing: 'refuse', used: true },
    })
    expect(contract.request.time).toBe('ordered_at')
    expect(contract.inputs.map(({ name }) => name)).toEqual(['timing.hour', 'amount'])
    expect(contract.response).toMatchObject({
      ...{
        score: { kind: 'probability', min: 0, max: 1 },
        decisions: ['ask', 'ship'],
        reasons: ['ask', 'by_hand', 'ship'],
        fallback: 'ship',
      },
    })
    expect(contract.response.errors).toContain('missing_column')
    await expect(platform.contract('sent_back', 9)).rejects.toMatchObject({ code: 'unknown_version' })
    await expect(platform.contract('refund_size')).rejects.toMatchObject({ code: 'unknown_version' })
  } finally {
    await platform.close()
  }
})

test('the cases that are made for callers come out as they say', async () => {
  await using folder = await trainedShop()
  const { platform } = await openShop({ folder: folder.path })
  try {
    const { cases, response, time } = await platform.contractTests('sent_back')
    expect(time).toBe('ordered_at')
    expect(cases.length).toBeGreaterThan(20)
    const rows = cases.map(({ row }) => row)
    const { predictions } = await platform.predict('sent_back', rows)
    for (const [index, { name, expect: expected }] of cases.entries()) {
      const prediction = predictions[index]!
      if (expected.outcome === 'scored') {
        expect(prediction, name).toMatchObject({ score: expect.any(Number) })
        expect(response.decisions).toContain(prediction.decision)
      } else {
        expect(prediction, name).toMatchObject({ error: { code: expected.code }, decision: response.fallback })
        expect('error' in prediction && prediction.error.path, name).toBe(expected.path)
      }
    }
  } finally {
    await platform.close()
  }
})

test('a version that takes less is refused with its consumers named, and serves when that is meant, which is on record', async () => {
  await using folder = await trainedShop()
  const { amount } = shop.streams['orders']!.schema
  const consumers = [
    { name: 'checkout', owner: 'web', by: 'entity', uses: ['order', 'amount', 'ordered_at', 'product'] },
    {
      name: 'returns_desk',
      by: 'entity',
      uses: ['order', 'ordered_at', 'product', 'amount', 'customer'],
      decisions: ['ask', 'ship'],
    },
  ] as const
  const narrowed: ProjectDefinition = {
    ...shopWith(({ serve }) => ({
      serve: { ...serve, consumers, decision: { threshold: 0.3, above: 'block', otherwise: 'ship' } },
    })),
    streams: {
      ...shop.streams,
      orders: {
        ...shop.streams['orders']!,
        schema: { ...shop.streams['orders']!.schema, amount: { ...amount!, max: 500 } },
      },
    },
  }
  const { platform } = await openShop({ folder: folder.path, project: narrowed, apply: true })
  try {
    const version = await approved(platform)
    const { callers } = platform.parts.protection
    for (const caller of ['checkout', 'nightly_report', 'nightly_report'])
      callers.saw('sent_back', { 'x-client': caller })
    const diff = await platform.contractDiff('sent_back', 1, version)
    expect(diff.callers.map(({ caller, count }) => [caller, count])).toEqual([
      ['nightly_report', 2],
      ['checkout', 1],
    ])
    expect(diff.sentence).toContain(' Also seen: nightly_report (2).')
    expect(diff.breaches.map(({ kind, name, consumers }) => [kind, name, consumers])).toEqual([
      ['range_narrowed', 'amount', ['checkout', 'returns_desk']],
      ['decision_removed', 'ask', ['checkout', 'returns_desk']],
      ['not_handled', 'block', ['returns_desk']],
    ])
    const refused = platform.promote('sent_back', version, { name: 'ben' }, 'Because.')
    await expect(refused).rejects.toMatchObject({
      ...{ code: 'contract_breaking', path: 'request.amount', status: 409 },
      message: expect.stringMatching(
        /'amount' takes .* \(checkout, returns_desk\)\. .*'ask' is never given.* Also seen: nightly_report \(2\)\.$/,
      ),
      remedy: expect.stringContaining(`trueline promote sent_back ${version} --breaking --reason`),
    })
    await expect(
      platform.promote('sent_back', version, { name: 'ben' }, undefined, { breaking: true }),
    ).rejects.toMatchObject({ code: 'reason_required' })
    expect((await platform.predict('sent_back', [order])).version).toBe(1)
    await platform.promote('sent_back', version, { name: 'ben' }, 'Agreed with both.', { breaking: true })
    expect((await platform.predict('sent_back', [order])).version).toBe(version)
    const [entry] = (await listAudit(platform.parts.metadata.database, { target: 'sent_back', limit: 1 })).items
    expect(entry).toMatchObject({
      ...{ action: 'model.promote', reason: 'Agreed with both.' },
      after: { version, broken: expect.arrayContaining([expect.stringContaining("'amount' takes")]) },
    })
    // Going back is never held up.
    expect(await platform.rollback('sent_back', { name: 'ben' }, 'They had not.')).toMatchObject({ version: 1 })
  } finally {
    await platform.close()
  }
  const { platform: again } = await openShop({ folder: folder.path, project: narrowed })
  // Who asked is known after a restart.
  expect(again.parts.protection.callers.of('sent_back', 0)).toMatchObject([{ caller: 'nightly_report', count: 2 }, {}])
  await again.close()
})

test('the command line shows a contract, compares two, and writes tests for callers', async () => {
  await using folder = await trainedShop()
  const { platform } = await openShop({ folder: folder.path })
  const server = await servePlatform(platform, { port: 0 })
  const run = (...words: string[]) =>
    trueline('contract', ...words, '--config', shopConfig, '--directory', join(folder.path, 'data'))
  try {
    const shown = await run('show', 'sent_back')
    expect(shown).toMatchObject({ code: 0, stderr: '' })
    expect(shown.stdout).toMatch(/^sent_back v1, which serves: contract [0-9a-f]{12}\n/)
    expect(shown.stdout).toMatch(/\namount +number +from 0 to 1000 +refused +read\n/)
    expect(shown.stdout).toMatch(/\ncard +string +- +null +kept\n/)
    expect(shown.stdout).toContain('\ndecisions: ask, ship\n')
    expect((await run('show', 'sent_back@1', '--json')).json).toMatchObject({ version: 1, contract: { contract: 1 } })
    expect((await run('show', 'sent_back@x')).code).toBe(1)
    expect(await run('diff', 'sent_back', '1', '1')).toMatchObject({
      code: 0,
      stdout: 'v1 and v1 take and give the same.\n',
    })
    const out = join(folder.path, 'for callers')
    const written = await run('tests', 'sent_back', '--out', out, '--json')
    expect(written.json.files.toSorted()).toEqual((await readdir(out)).toSorted())
    const { cases } = JSON.parse(await readFile(join(out, 'sent_back.contract.json'), 'utf8'))
    expect(cases).toHaveLength(written.json.cases)
  } finally {
    await server.close()
    await platform.close()
  }
})

test('who asks is said in the definition, is checked, and is no part of what the model means', () => {
  const visits = stream('visits', {
    key: 'visit',
    time: 'at',
    schema: { visit: t.string(), pages: t.int(), at: t.timestamp() },
  })
  const bought = stream('bought', {
    key: 'visit',
    time: 'at',
    schema: { visit: t.string(), at: t.timestamp(), paid: t.bool() },
  })
  const define = (consumers: readonly { name: string; uses?: readonly string[]; decisions?: readonly string[] }[]) =>
    model('buys', {
      ...{
        predicts: 'an order',
        at: visits,
        features: [visits.pick('pages'), request('hour', { h: req('at').hour('UTC') })],
      },
      label: label(bought, col('paid')).on('visit').within('1d').absent(false),
      split: sentBack.split,
      serve: { consumers },
    })
  const plain = define([])
  const asked = define([{ name: 'web', uses: ['pages'] }])
  expect(asked.serve.consumers).toEqual([{ by: 'entity', name: 'web', uses: ['pages'] }])
  const [one, other] = [plain, asked].map((definition) => digestOfModel(definition, collectProject([definition])))
  expect(one).toBe(other)
})

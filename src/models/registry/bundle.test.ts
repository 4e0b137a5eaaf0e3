import { expect, test } from 'vitest'
import { listAudit } from '../../governance/audit-log.ts'
import { assertedIdentity } from '../../governance/identity.ts'
import type { ApprovalsDefinition } from '../../language/define/approvals-definition.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import { bundleOf, type ModelBundle, readBundle } from './bundle.ts'
import { decideVersion } from './decisions.ts'
import { ada, definition, grace, model, temporaryRegistry } from './registry.fixture.ts'
import { readRun } from './runs.ts'
import { takeBundle } from './take-bundle.ts'
import { listVersions } from './versions.ts'

const defined = { ...definition, models: { [model]: { name: model } } } as unknown as ProjectDefinition

async function bundled(): Promise<{ bundle: ModelBundle } & AsyncDisposable> {
  const registry = await temporaryRegistry()
  const { version } = await registry.register('a forest', { definition: defined })
  await registry.approve(version)
  const bundle = await bundleOf(registry.metadata, registry.artifacts, model, version)
  return { bundle, [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose]() }
}

test('a version comes out of one registry and into another with its bytes, its run and what was decided', async () => {
  await using from = await bundled()
  await using other = await temporaryRegistry()
  await other.register('something else')
  const text = JSON.stringify(from.bundle)
  const taken = await takeBundle(other.metadata, other.artifacts, readBundle(text))
  expect(taken).toMatchObject({ version: 2, digest: from.bundle.digest, state: 'approved', author: ada })
  expect(taken.decisions).toMatchObject([
    { decision: 'approve', by: grace, reason: '(decided 1970-01-01T00:00:00.001Z, before it came here)' },
  ])
  expect(await readRun(other.metadata, taken.runId)).toMatchObject({ status: 'succeeded', author: ada, seed: 7 })
  for (const digest of [taken.manifest.scorer, taken.attachments['onnx']!])
    expect(Buffer.from(await other.artifacts.get(digest)).toString('base64')).toBe(from.bundle.contents[digest])
  expect(await takeBundle(other.metadata, other.artifacts, readBundle(text))).toEqual(taken)
  expect((await listVersions(other.metadata, model)).items).toHaveLength(2)
})

test('a version keeps its number where that is free, and gets the next one where it is not', async () => {
  await using registry = await temporaryRegistry()
  for (const text of ['one', 'two']) await registry.register(text, { definition: defined })
  const { version } = await registry.register('three', { definition: defined })
  await registry.approve(version)
  const bundle = readBundle(JSON.stringify(await bundleOf(registry.metadata, registry.artifacts, model, version)))
  await using empty = await temporaryRegistry()
  expect(await takeBundle(empty.metadata, empty.artifacts, bundle)).toMatchObject({ version: 3, digest: bundle.digest })
  expect(await takeBundle(empty.metadata, empty.artifacts, bundle)).toMatchObject({ version: 3 })
  expect(await empty.register('another')).toMatchObject({ version: 4 })
  await using full = await temporaryRegistry()
  for (const text of ['a', 'b', 'c']) await full.register(text)
  expect(await takeBundle(full.metadata, full.artifacts, bundle)).toMatchObject({ version: 4 })
  await using old = await temporaryRegistry()
  const { version: _, ...without } = bundle
  expect(await takeBundle(old.metadata, old.artifacts, without)).toMatchObject({ version: 1 })
})

/** A version that anna and ben approved, by a rule that asks for two of three. */
const rules = { needed: 2, of: ['anna', 'ben', 'carl'] }
async function approvedByTwo(): Promise<ModelBundle> {
  await using registry = await temporaryRegistry()
  await registry.define({ approvals: rules })
  const { version } = await registry.register('a forest', { definition: defined })
  for (const name of ['anna', 'ben'])
    await decideVersion(registry.metadata, { model, version, decision: 'approve', by: assertedIdentity(name) })
  return readBundle(JSON.stringify(await bundleOf(registry.metadata, registry.artifacts, model, version)))
}

test('approvals of elsewhere count where the same rules hold, and are told alone where others do', async () => {
  const bundle = await approvedByTwo()
  expect(bundle.rules).toEqual(rules)
  const taken = async (approvals: ApprovalsDefinition | undefined, first?: string) => {
    await using other = await temporaryRegistry()
    await other.define(approvals === undefined ? {} : { approvals })
    const here = await other.register('a forest', { definition: defined })
    const approval = { model, version: here.version, decision: 'approve' } as const
    if (first !== undefined) await decideVersion(other.metadata, { ...approval, by: assertedIdentity(first) })
    const { state, approvals: given } = await takeBundle(other.metadata, other.artifacts, bundle)
    const { items } = await listAudit(other.metadata.database, { target: `${model}/1` })
    return [state, given.map(({ by }) => by.name), items[0]!.action, items[0]!.after]
  }
  const given = [
    { by: 'anna', at: '1970-01-01T00:00:00.001Z', reason: null },
    { by: 'ben', at: '1970-01-01T00:00:00.001Z', reason: null },
  ]
  expect(await taken(rules)).toMatchObject(['approved', ['anna', 'ben'], 'version.approve', { state: 'approved' }])
  expect(await taken(rules, 'carl')).toMatchObject(['approved', ['carl', 'anna'], 'version.approve', {}])
  const told = { given, rules, here: null }
  expect(await taken(undefined)).toMatchObject(['candidate', [], 'version.approvals_elsewhere', told])
  const one = { needed: 1, of: ['ben'] }
  expect(await taken(one)).toMatchObject(['candidate', [], 'version.approvals_elsewhere', { ...told, here: one }])
})

test('a bundle cannot say how many approvals are enough', async () => {
  const bundle = await approvedByTwo()
  await using other = await temporaryRegistry()
  await other.define({ approvals: rules })
  const forged = { ...bundle, approvals: bundle.approvals!.slice(0, 1) }
  expect(await takeBundle(other.metadata, other.artifacts, forged)).toMatchObject({ state: 'candidate' })
  const by = (name: string) => ({ by: assertedIdentity(name), at: 1, reason: null })
  for (const approvals of [
    [by('anna'), by('Anna')],
    [by('anna'), by('mallory')],
    [by('anna'), by('ada')],
  ])
    expect(await takeBundle(other.metadata, other.artifacts, { ...bundle, approvals })).toMatchObject({
      ...{ state: 'candidate', approvals: [{ by: { name: 'anna' } }] },
    })
})

test('only an approved version is taken out, and one that was rejected where it came to stays rejected', async () => {
  await using registry = await temporaryRegistry()
  const { version } = await registry.register('a forest', { definition: defined })
  await expect(bundleOf(registry.metadata, registry.artifacts, model, version)).rejects.toMatchObject({
    code: 'not_approved',
  })
  await registry.approve(version)
  const bundle = await bundleOf(registry.metadata, registry.artifacts, model, version)
  await using other = await temporaryRegistry()
  const here = await other.register('a forest', { definition: defined })
  await decideVersion(other.metadata, {
    model,
    version: 1,
    decision: 'reject',
    by: grace,
    reason: 'Not in this country.',
  })
  expect(here.digest).toBe(bundle.digest)
  expect(await takeBundle(other.metadata, other.artifacts, bundle)).toMatchObject({ version: 1, state: 'rejected' })
})

test.each<[string, (bundle: ModelBundle) => unknown, RegExp]>([
  ['text that is cut', (bundle) => JSON.stringify(bundle).slice(0, -10), /no JSON/],
  ['something else', () => ({ hello: 'world' }), /not what `trueline package` writes/],
  ['a list', () => [], /not what `trueline package` writes/],
  ['a newer form', (bundle) => ({ ...bundle, bundle: 2 }), /form 2; this program reads form 1/],
  ['another manifest', (bundle) => ({ ...bundle, manifest: { ...bundle.manifest, features: {} } }), /manifest of/],
  ['other definitions', (bundle) => ({ ...bundle, definition }), /definitions of/],
  ['a version that is none', (bundle) => ({ ...bundle, version: 0 }), /0 is no version/],
  ['a part that is gone', (bundle) => ({ ...bundle, contents: {} }), /'scorer' is not in it/],
  [
    'a part that was changed',
    (bundle) => ({ ...bundle, contents: { ...bundle.contents, [bundle.attachments['onnx']!]: 'AAAA' } }),
    /'onnx' is not what sha256:/,
  ],
])('%s is refused', async (_, changed, message) => {
  await using from = await bundled()
  const given = changed(from.bundle)
  const text = typeof given === 'string' ? given : JSON.stringify(given)
  expect(() => readBundle(text)).toThrow(
    expect.objectContaining({ code: 'bundle_invalid', message: expect.stringMatching(message) }),
  )
})

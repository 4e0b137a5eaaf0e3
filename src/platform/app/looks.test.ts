import { expect, test } from 'vitest'
import { applyDefinitions } from '../../governance/applied-definitions.ts'
import { listAudit } from '../../governance/audit-log.ts'
import { recordJudgement } from '../../models/registry/judgements.ts'
import { ada, grace, model, projectWith, temporaryRegistry } from '../../models/registry/registry.fixture.ts'
import { promoteVersion, rollbackModel } from '../../models/registry/serving-history.ts'
import { readVersion } from '../../models/registry/versions.ts'
import type { GateResult } from '../../models/training/gate.ts'
import { judgementOf, looksOf, saidOfCandidate } from './looks.ts'

const holdout = (look: number, champion: number) => ({ from: 100, to: 200, champion, look, alpha: 0.01 })
const judged = (sentence: string, look: number, champion: number): GateResult => ({
  ...{ verdict: 'pass', sentence, checks: [], holdout: holdout(look, champion) },
})

test('looks are those of candidates that a gate judged, without the run that asks', async () => {
  await using registry = await temporaryRegistry()
  const { model } = await registry.register('of before looks were counted')
  await registry.register('first', { gate: judged('first', 1, 1) })
  await registry.register('baseline', { gate: judged('baseline', 1, 1), variant: 'without_windows' })
  const second = await registry.register('second', { gate: judged('second', 2, 1) })
  expect(await looksOf(registry.metadata, model, 'full', 'another')).toEqual([holdout(2, 1), holdout(1, 1)])
  expect(await looksOf(registry.metadata, model, 'full', second.runId)).toEqual([holdout(1, 1)])
})

test('the very same model keeps what was said of it against the same champion', async () => {
  await using registry = await temporaryRegistry()
  const version = await registry.register('first', { gate: judged('first', 1, 1) })
  expect(judgementOf(version, false, judged('again', 2, 1)).sentence).toBe('first')
  expect(judgementOf(version, false, judged('again', 1, 4)).sentence).toBe('again')
  expect(judgementOf(version, true, judged('new', 1, 1)).sentence).toBe('new')
})

test('by a gate that was changed the very same model is judged again: that is on record, counts, and is a look', async () => {
  await using registry = await temporaryRegistry()
  const { metadata } = registry
  const defined = projectWith()
  const { gate } = defined.models[model]!
  const gated = (margin: number) => ({ ...gate, champion: { margin } })
  const definition = { ...defined, models: { [model]: { ...defined.models[model]!, gate: gated(0.01) } } }
  const version = await registry.register('first', { gate: judged('first', 1, 1), definition })
  const runId = (await registry.newVersion('another run')).runId
  const now = { ...judged('again', 2, 1), verdict: 'fail' } as const
  const said = async (isNew: boolean, margin: number) => {
    const read = await readVersion(metadata, model, 1)
    return await saidOfCandidate(metadata, { version: read, isNew }, now, { gate: gated(margin), runId, by: grace })
  }
  const first = { verdict: 'pass', sentence: 'first' }
  expect(await said(false, 0.01)).toEqual(first)
  expect(await said(true, 0.02)).toEqual({ verdict: 'fail', sentence: 'again' })
  expect(await readVersion(metadata, model, 1)).toEqual(version)
  expect(await said(false, 0.02)).toEqual({ verdict: 'fail', sentence: 'again', before: first })
  expect(await said(false, 0.02)).toEqual({ verdict: 'fail', sentence: 'again' })
  const after = await readVersion(metadata, model, 1)
  expect(after).toMatchObject({ gate: { sentence: 'again' }, gateAtFirst: { sentence: 'first' } })
  expect(after.judgements).toMatchObject([{ result: { verdict: 'fail' }, runId, by: grace }])
  expect(await looksOf(metadata, model, 'full', 'another')).toEqual([holdout(1, 1), holdout(2, 1)])
  const { items } = await listAudit(metadata.database, { target: `${model}/1` })
  expect(items[0]).toMatchObject({
    action: 'version.judge',
    by: grace,
    before: { gate: 'pass' },
    after: { gate: 'fail' },
  })
  const table = metadata.database.updateTable('version_judgements').set({ result: '{}' })
  await expect(table.execute()).rejects.toThrow(/append-only/)
})

test('what was judged by a gate that is defined otherwise now is neither approved nor promoted until it is judged again', async () => {
  await using registry = await temporaryRegistry()
  const { metadata } = registry
  const withMargin = (margin: number) => {
    const project = projectWith()
    const late = project.models[model]!
    return { ...project, models: { [model]: { ...late, gate: { ...late.gate, champion: { margin } } } } }
  }
  const apply = (margin: number) => applyDefinitions(metadata, { definition: withMargin(margin), by: ada })
  await apply(0.01)
  const definition = withMargin(0.01)
  for (const name of ['first', 'second']) await registry.register(name, { gate: judged(name, 1, 1), definition })
  await registry.approve(1)
  const promote = (version: number, expected: number | null, reason?: string) =>
    promoteVersion(metadata, { model, version, expected, by: grace, ...(reason === undefined ? {} : { reason }) })
  await promote(1, null)
  await registry.approve(2)
  await apply(0.05)
  await expect(promote(2, 1)).rejects.toMatchObject({
    ...{ code: 'gate_changed', remedy: expect.stringContaining(`trueline models judge ${model} 2`) },
  })
  await registry.register('third', { gate: judged('third', 1, 1), definition })
  await expect(registry.approve(3)).rejects.toMatchObject({ code: 'gate_changed' })
  const { runId } = await registry.newVersion('a run')
  const { gate } = withMargin(0.05).models[model]!
  const judge = (version: number, verdict: 'pass' | 'fail' | 'insufficient') => {
    const result = { ...judged('again', 2, 1), verdict }
    return recordJudgement(metadata, { model, version, gate, result, runId, by: grace })
  }
  await judge(2, 'fail')
  await expect(promote(2, 1)).rejects.toMatchObject({ code: 'gate_failed' })
  await judge(3, 'fail')
  await expect(registry.approve(3)).rejects.toMatchObject({ code: 'gate_failed' })
  await judge(2, 'insufficient')
  await expect(promote(2, 1)).rejects.toMatchObject({ code: 'reason_required' })
  expect(await promote(2, 1, 'Looked at by hand.')).toMatchObject({ version: 2 })
  // Back is open, whatever the gate says by now.
  expect(await rollbackModel(metadata, { model, expected: 2, by: grace })).toMatchObject({ version: 1 })
})

import { expect, test } from 'vitest'
import { model, projectWith, temporaryRegistry } from '../../models/registry/registry.fixture.ts'
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

test('a verdict from before the gate was changed stands, and what the gate says now is told beside it', async () => {
  await using registry = await temporaryRegistry()
  const defined = projectWith()
  const { gate } = defined.models[model]!
  const gated = (margin: number) => ({ ...gate, champion: { margin } })
  const definition = { ...defined, models: { [model]: { ...defined.models[model]!, gate: gated(0.01) } } }
  const version = await registry.register('first', { gate: judged('first', 1, 1), definition })
  const now = { ...judged('again', 2, 1), verdict: 'fail' } as const
  const said = (isNew: boolean, margin: number) =>
    saidOfCandidate(registry.metadata, { version, isNew }, now, gated(margin))
  const stands = { verdict: 'pass', sentence: 'first' }
  expect(await said(false, 0.01)).toEqual(stands)
  expect(await said(false, 0.02)).toEqual({ ...stands, changed: { verdict: 'fail', sentence: 'again' } })
  expect(await said(true, 0.02)).toEqual({ verdict: 'fail', sentence: 'again' })
})

import { expect, test } from 'vitest'
import { DAY, HOUR } from '../../src/core/time.ts'
import { listAudit } from '../../src/governance/audit-log.ts'
import { byTime, col, directional, edgeCases, gbdt, label, model } from '../../src/index.ts'
import { collectProject } from '../../src/language/define/collect-project.ts'
import { readRun } from '../../src/models/registry/runs.ts'
import { readVersion } from '../../src/models/registry/versions.ts'
import type { Evaluation } from '../../src/models/training/evaluate.ts'
import type { GateResult } from '../../src/models/training/gate.ts'
import type { OwnedPlatform } from '../../src/platform/app/open-platform.ts'
import {
  customerOrders,
  importShop,
  makeHistory,
  NOW,
  openShop,
  orders,
  returns,
  temporaryFolder,
  trainAndServe,
} from './shop-fixture.ts'

const project = collectProject([
  model('sent_back', {
    ...{ predicts: 'whether an order is sent back', at: orders },
    time: 'ordered_at',
    features: [customerOrders, orders.pick('amount')],
    label: label(returns, col('refund').gt(0)).on('order').within('2d').absent(false),
    split: byTime({ train: '9d', validate: '3d', test: '3d' }),
    trainer: gbdt({ trees: 10, depth: 3, seed: 1 }),
    gate: {
      ...{ champion: { margin: 0.2 }, clusters: 'customer', segments: ['product'], decisions: { margin: 0.1 } },
      behaviour: [edgeCases({ change: 1 }), directional('amount', { by: 10, expect: 'up', share: 0.01 })],
    },
    serve: { decision: { threshold: 0.3, above: 'ask', otherwise: 'ship' } },
  }),
])

test('a gate judges decisions, clusters of a column and behaviour, and counts its looks at the same rows', async () => {
  await using folder = await temporaryFolder()
  const { platform, clock } = await openShop({ folder: folder.path, project })
  try {
    await importShop(platform, folder.path, makeHistory())
    const champion = await trainAndServe(platform, 'sent_back')
    const gateOf = async (version: number) =>
      (await readVersion(platform.parts.metadata, 'sent_back', version)).gate as GateResult
    expect((await gateOf(champion)).holdout).toMatchObject({ champion: null, look: 1, alpha: 0.025 })
    const judged: GateResult[] = []
    for (const hours of [2, 5]) {
      clock.advanceTo(NOW + hours * HOUR)
      const { version, isNew } = await platform.train('sent_back', { name: 'ann' }, { at: NOW - hours * HOUR })
      expect(isNew).toBe(true)
      judged.push(await gateOf(version))
    }
    expect(judged.map(({ holdout }) => [holdout?.champion, holdout?.look])).toEqual([
      [champion, 1],
      [champion, 2],
    ])
    expect(judged.map(({ sentence }) => sentence.includes('this is candidate 2 judged on these rows'))).toEqual([
      false,
      true,
    ])
    const { evaluation, from, to } = await platform.evaluate('sent_back', champion)
    const stored = (await readVersion(platform.parts.metadata, 'sent_back', champion)).evaluation as Evaluation
    expect([to - from, evaluation.rows > 100, evaluation.metrics.auc!.value > 0.5]).toEqual([3 * DAY, true, true])
    // The stretch that it was tested on gives what its training wrote down.
    const again = await platform.evaluate('sent_back', champion, { from: NOW - 5 * DAY, to: NOW - 2 * DAY })
    expect(again.evaluation.metrics).toEqual(stored.metrics)
    await expect(platform.evaluate('sent_back', champion, { to: NOW })).rejects.toMatchObject({
      ...{ code: 'invalid_arguments', path: 'to' },
    })
    const { checks, behaviour, holdout } = judged[1]!
    expect(holdout!.to - holdout!.from).toBe(3 * DAY)
    expect(holdout!.alpha).toBeCloseTo(0.05 / 6, 12)
    expect(checks.find(({ decisions }) => decisions !== undefined)).toMatchObject({
      ...{ against: 'champion', decisions: { threshold: 0.3, mcnemar: { pValue: expect.any(Number) } } },
    })
    expect(behaviour!.map(({ kind, verdict }) => [kind, verdict])).toEqual([
      ['edge_cases', 'pass'],
      ['directional', 'pass'],
    ])
    await judgeByAnotherGate(platform, folder.path, clock.now())
  } finally {
    await platform.close()
  }
})

/** The gate is defined otherwise: what it has not judged is not approved, and it judges the rows that are on record. */
async function judgeByAnotherGate(before: OwnedPlatform, folder: string, now: number): Promise<void> {
  await before.close()
  const late = project.models['sent_back']!
  const gate = { ...late.gate, champion: { margin: 0.3 } }
  const changed = { ...project, models: { sent_back: { ...late, gate } } }
  const { platform } = await openShop({ folder, project: changed, now, apply: true })
  const { metadata } = platform.parts
  const version = Math.max(...(await platform.models('sent_back')).map((one) => one.version))
  const said = async () => await readVersion(metadata, 'sent_back', version)
  try {
    const approve = () => platform.approve('sent_back', version, { name: 'ben' }, 'For the test.')
    await expect(approve()).rejects.toMatchObject({ code: 'gate_changed' })
    const first = await said()
    const answer = await platform.train('sent_back', { name: 'ben' }, { judges: version })
    expect(answer).toMatchObject({ version, isNew: false, gate: { before: { verdict: first.gate!.verdict } } })
    expect(Object.keys(answer.cached ?? {})).toEqual(expect.arrayContaining(['features', 'train', 'compare']))
    expect(answer.dataset.digest).toBe(((await readRun(metadata, first.runId)).data as { content: string }).content)
    expect((await said()).judgements).toMatchObject([{ runId: answer.run, by: { name: 'ben' } }])
    // A run that has ended has said it: none that is broken off ends without.
    const { items } = await listAudit(metadata.database, { limit: 2 })
    expect(items.map(({ action }) => action)).toEqual(['run.finish', 'version.judge'])
    const { holdout, checks } = (await said()).gate as GateResult
    expect(checks.find(({ against, segment }) => against === 'champion' && segment === undefined)).toBeDefined()
    expect(holdout).toMatchObject({ look: (first.gate as GateResult).holdout!.look + 1 })
    if ((await said()).gate!.verdict !== 'fail') expect(await approve()).toMatchObject({ state: 'approved' })
    else await expect(approve()).rejects.toMatchObject({ code: 'gate_failed' })
    await expect(platform.train('sent_back', { name: 'ben' }, { judges: 99 })).rejects.toMatchObject({
      code: 'unknown_version',
    })
  } finally {
    await platform.close()
  }
  // Of what is defined otherwise itself there is nothing to judge.
  const other = {
    ...project,
    models: { sent_back: { ...late, gate, trainer: gbdt({ trees: 11, depth: 3, seed: 1 }) } },
  }
  const { platform: last } = await openShop({ folder, project: other, now, apply: true })
  try {
    await expect(last.train('sent_back', { name: 'ben' }, { judges: version })).rejects.toMatchObject({
      ...{
        code: 'cannot_judge_again',
        message: expect.stringMatching(/more than its gate is defined otherwise now: 'trainer'\.$/),
      },
    })
  } finally {
    await last.close()
  }
}

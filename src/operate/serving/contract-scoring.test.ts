import { expect, test } from 'vitest'
import type { DataType, Schema } from '../../core/data-type.ts'
import { digestOf } from '../../core/digest.ts'
import { planVector } from '../../data/features/vector.ts'
import { collectProject } from '../../language/define/collect-project.ts'
import { t } from '../../language/define/column-types.ts'
import { above } from '../../language/define/decision.ts'
import { label } from '../../language/define/label.ts'
import { model } from '../../language/define/model.ts'
import { byTime } from '../../language/define/model-parts.ts'
import { stream } from '../../language/define/stream.ts'
import { col } from '../../language/define/terms.ts'
import { forestOf } from '../../models/inference/forest-builder.ts'
import { createForestScorer } from '../../models/inference/forest-scorer.ts'
import { contractSource } from './contract.fixture.ts'
import { contractCases } from './contract-cases.ts'
import { contractOf, decodeContract, encodeContract, type ModelContract } from './model-contract.ts'
import { createScoringPath } from './scoring-path.ts'
import { NOON, servingGround } from './served.fixture.ts'
import type { ServedVersion } from './served-version.ts'

const MODELS = 60
const ROWS = 20

/** A model of the columns of a random contract: it picks the numbers, and reads no history. */
function servedOf(made: ModelContract): ServedVersion {
  const columns = Object.entries(made.request.columns).map(([name, { missing, used, ...type }]): [string, DataType] => [
    name,
    missing === 'null' ? { ...type, nullable: true } : type,
  ])
  const schema: Schema = {
    ...Object.fromEntries(columns),
    visit: t.string(),
    pages: t.int(),
    bought: t.bool({ nullable: true }),
    at: t.timestamp(),
  }
  const visits = stream('visits', { ...{ key: 'visit', time: 'at' }, schema } as never)
  const numbers = columns.filter(([, { type }]) => type !== 'string' && type !== 'timestamp').map(([name]) => name)
  const buys = model('buys', {
    ...{
      predicts: 'an order',
      at: visits,
      features: [visits.pick('pages' as never, ...(numbers as never[]))],
      time: 'at',
    },
    label: label(visits as never, col('bought') as never)
      .on('visit')
      .within('1d')
      .absent(false),
    split: byTime({ train: '7d', validate: '1d', test: '1d' }),
    serve: { decision: above(0.5, 'help', 'leave'), fallback: 'leave' },
  } as never)
  const project = collectProject([buys])
  const plan = planVector(buys, project)
  const content = contractOf(buys, project, plan)
  return {
    ...{ model: buys, project, version: 1, digest: 'sha256:1', variant: 'full', plan, sequenceDigests: [] },
    contract: { content, digest: digestOf(encodeContract(content)) },
    scorer: createForestScorer(
      forestOf({ objective: 'binary', baseMargin: 0, featureNames: plan.inputs.map(({ name }) => name) }, [
        { feature: 0, threshold: 3, defaultLeft: true, left: { value: -2 }, right: { value: 2 } },
      ]),
    ),
  }
}

test('every row that a contract allows is scored, with a decision that it names; every other one is refused as it says', async () => {
  await using ground = await servingGround()
  let scored = 0
  for (let seed = 0; seed < MODELS; seed += 1) {
    const source = contractSource(seed)
    const served = servedOf(source.contract())
    const { content } = served.contract
    expect(decodeContract(encodeContract(content))).toEqual(content)
    const { score } = createScoringPath(served, ground.state, ground.clock)
    const { decisions, errors } = content.response
    const rightRows = Array.from({ length: ROWS }, () => ({ ...source.row(content), at: NOON }))
    for (const row of rightRows) {
      const result = score(row)
      expect(result, JSON.stringify({ row, content })).toHaveProperty('scored')
      if (!('scored' in result)) continue
      expect(result.scored.score).toBeGreaterThanOrEqual(content.response.score.min!)
      expect(result.scored.score).toBeLessThanOrEqual(content.response.score.max!)
      expect(decisions).toContain(result.scored.verdict.decision)
      scored += 1
    }
    for (const { name, row, expect: expected } of contractCases(content, NOON)) {
      const result = score(row)
      if (expected.outcome === 'scored') expect(result, name).toHaveProperty('scored')
      else {
        const { code, path } = expected
        expect(result, name).toMatchObject({ fault: path === undefined ? { code } : { code, path } })
        expect(errors).toContain(code)
      }
    }
  }
  expect(scored).toBe(MODELS * ROWS)
})

import { expect, test } from 'vitest'
import { collectProject } from '../../language/define/collect-project.ts'
import { t } from '../../language/define/column-types.ts'
import { classCosts } from '../../language/define/decision.ts'
import type { ServeDefinition } from '../../language/define/definitions.ts'
import { label } from '../../language/define/label.ts'
import { model } from '../../language/define/model.ts'
import { byTime } from '../../language/define/model-parts.ts'
import { stream } from '../../language/define/stream.ts'
import { col } from '../../language/define/terms.ts'
import { fallbackWarnings } from './fallback-warnings.ts'

const parcels = stream('parcels', {
  ...{ key: 'parcel', time: 'at' },
  schema: { parcel: t.string(), weight: t.number(), at: t.timestamp(), ending: t.string({ nullable: true }) },
})

function warnings(serve: Pick<ServeDefinition, 'decision' | 'fallback'>, classes?: readonly string[]) {
  const ending = model('ending', {
    ...{ predicts: 'how a parcel ends', at: parcels, features: [parcels.pick('weight')], serve },
    label:
      classes === undefined
        ? label(parcels, col('ending').eq('late')).on('parcel').within('1d').absent('exclude')
        : label(parcels, col('ending'), { classes }).on('parcel').within('1d').absent('exclude'),
    split: byTime({ train: '7d', validate: '1d', test: '1d' }),
  })
  return fallbackWarnings(collectProject([ending]))
}

test('a fallback that is no class is told with the one most likely meant, for each cause', () => {
  const classes = ['late', 'damaged', 'fine']
  expect(warnings({ fallback: 'fine' }, classes)).toEqual([])
  expect(warnings({ fallback: 'fien' }, classes)).toEqual([
    "serve.fallback of model ending: 'fien' is none of its classes, 'late', 'damaged', 'fine'. Did you mean 'fine'?",
  ])
  const missing = { decision: 'ask_somebody', when: ['null'] } as const
  expect(warnings({ fallback: { timeout: 'late', missing } }, classes)).toEqual([
    "serve.fallback.missing of model ending: 'ask_somebody' is none of its classes, 'late', 'damaged', 'fine'.",
  ])
})

test('a decision that the model makes is none of them, nor is anything where there are no classes', () => {
  const costs = { late: 1, damaged: 2, fine: 0 }
  const decision = classCosts({ ask_somebody: costs, wait: costs })
  expect(warnings({ decision, fallback: 'ask_somebody' }, ['late', 'damaged', 'fine'])).toEqual([])
  expect(warnings({ fallback: 'ask_somebody' })).toEqual([])
})

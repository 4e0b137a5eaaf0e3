import { bands, batch, col, feature, jsonLines, override, parquet, sqlite } from '../../src/index.ts'
import { collectProject } from '../../src/language/define/collect-project.ts'
import type { ModelDefinition, ProjectDefinition } from '../../src/language/define/definitions.ts'
import { predictionStream } from '../../src/language/define/prediction-stream.ts'
import { customerOrders, sentBack } from './shop-fixture.ts'

/** Decides by bands, rules and what is missing, and owes reasons. */
export const decided: ModelDefinition = {
  ...sentBack,
  calibration: 'isotonic',
  serve: {
    ...sentBack.serve,
    modes: ['realtime', 'batch', 'stream'],
    decision: bands([
      { above: 0.6, decision: 'refuse', reason: 'likely' },
      { above: 0.3, decision: 'ask' },
      { decision: 'ship' },
    ]),
    overrides: [
      override({
        when: col('amount').gt(900),
        decision: 'call',
        reason: 'large',
        text: 'Large orders are called about.',
      }),
      override({ when: feature(customerOrders, 'orders_2d').gt(50), decision: 'refuse', reason: 'rush' }),
    ],
    adverse: { decisions: ['refuse', 'ask'], most: 2, texts: { amount: 'What the order costs.' } },
    fallback: {
      invalid: 'hold',
      missing: { decision: 'ask', when: ['unknown_key'], features: ['customer_orders'] },
    },
  },
}

const scored = { model: sentBack, population: jsonLines('data/asked.jsonl'), reasons: true }
const collected = collectProject([
  sentBack,
  batch('with_reasons', { ...scored, to: parquet('data/with_reasons.parquet') }),
  batch('to_table', { ...scored, to: sqlite('data/with_reasons.db', { table: 'scores' }) }),
])
/** The model in every mode, with batches that give reasons. */
export const project: ProjectDefinition = {
  ...collected,
  streams: { ...collected.streams, sent_back_predictions: predictionStream(decided) },
  models: { sent_back: decided },
}

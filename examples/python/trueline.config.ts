import { above, byTime, col, command, encode, label, model, req, request } from '../../src/index.ts'
import {
  customerOrders,
  customerReturns,
  orders,
  productOrders,
  productReturns,
  returns,
} from '../first-model/trueline.config.ts'

// The shop of the first model. Here its model is learnt by programs in Python, with three libraries; install what they stand on with
// pip install -r requirements.lock, and let `python` be the one that has it.

const timing = request('timing', { hour: req('ordered_at').hour('UTC'), weekday: req('ordered_at').dayOfWeek('UTC') })
const numbers = [customerOrders, customerReturns, productOrders, productReturns, timing, orders.pick('items', 'amount')]

const question = {
  predicts: 'probability that an order is sent back within three weeks',
  at: orders,
  time: 'ordered_at',
  label: label(returns, col('refund').gt(0)).on('order').within('21d').absent(false),
  split: byTime({ train: '80d', validate: '20d', test: '25d' }),
  serve: { decision: above(0.5, 'ask_for_size', 'ship'), fallback: 'ship' },
} as const

const lock = 'requirements.lock'
const limits = { time: '10m', memory: '2GB' } as const

/** The text `product` goes to the program as it is: LightGBM's categories. */
export const byLightgbm = model('by_lightgbm', {
  ...question,
  features: [...numbers, encode.byProgram(orders.pick('product'))],
  trainer: command({
    ...{ run: 'python train_lightgbm.py', lock, limits, format: 'lightgbm', seed: 7 },
    parameters: { num_leaves: 15, learning_rate: 0.05, min_data_in_leaf: 50, trees: 400 },
  }),
})

export const byXgboost = model('by_xgboost', {
  ...question,
  features: numbers,
  trainer: command({
    ...{ run: 'python train_xgboost.py', lock, limits, format: 'xgboost', seed: 7 },
    parameters: { max_depth: 4, eta: 0.1, trees: 200 },
  }),
})

export const byScikitLearn = model('by_scikit_learn', {
  ...question,
  features: numbers,
  trainer: command({
    ...{ run: 'python train_scikit_learn.py', lock, limits, format: 'onnx', seed: 7 },
    parameters: { C: 0.5, max_iter: 1000 },
  }),
})

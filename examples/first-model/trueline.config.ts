import {
  above,
  byTime,
  col,
  count,
  entity,
  features,
  gbdt,
  label,
  mean,
  model,
  req,
  request,
  stream,
  t,
  timeSinceLast,
} from '../../src/index.ts'

// What happens: orders are placed, and some are sent back days later.

export const orders = stream('orders', {
  key: 'order',
  time: 'ordered_at',
  schema: {
    order: t.string(),
    customer: t.string(),
    product: t.string(),
    items: t.int({ min: 1, max: 100 }),
    amount: t.number({ min: 0, max: 100_000 }),
    ordered_at: t.timestamp(),
  },
})

export const returns = stream('returns', {
  key: 'order',
  time: 'returned_at',
  schema: {
    order: t.string(),
    customer: t.string(),
    product: t.string(),
    refund: t.number({ min: 0, max: 100_000 }),
    returned_at: t.timestamp(),
  },
})

// What is known of whom at the moment of an order.

const customer = entity('customer', { customer: t.string() })
const product = entity('product', { product: t.string() })

export const customerOrders = features('customer_orders', {
  entity: customer,
  from: orders,
  description: 'How much the customer has been buying.',
  select: {
    orders_90d: count().over('90d', { hop: '1d' }),
    mean_amount_90d: mean('amount').over('90d', { hop: '1d' }),
  },
})

export const customerReturns = features('customer_returns', {
  entity: customer,
  from: returns,
  description: 'How much of it came back.',
  select: {
    returns_90d: count().over('90d', { hop: '1d' }),
    since_last_return: timeSinceLast().over('90d'),
  },
})

export const productOrders = features('product_orders', {
  entity: product,
  from: orders,
  description: 'How well the product sells.',
  select: { orders_60d: count().over('60d', { hop: '1d' }) },
})

export const productReturns = features('product_returns', {
  entity: product,
  from: returns,
  description: 'How often the product comes back.',
  select: { returns_60d: count().over('60d', { hop: '1d' }) },
})

const timing = request('timing', { hour: req('ordered_at').hour('UTC'), weekday: req('ordered_at').dayOfWeek('UTC') })

// What is predicted, from what, and what is done with it.

export const sentBack = model('sent_back', {
  predicts: 'probability that an order is sent back within three weeks',
  at: orders,
  time: 'ordered_at',
  features: [customerOrders, customerReturns, productOrders, productReturns, timing, orders.pick('items', 'amount')],
  label: label(returns, col('refund').gt(0)).on('order').within('21d').absent(false),
  split: byTime({ train: '80d', validate: '20d', test: '25d' }),
  trainer: gbdt({ trees: 150, depth: 4, seed: 1 }),
  serve: { decision: above(0.5, 'ask_for_size', 'ship'), fallback: 'ship' },
})

import { about, expectRows, given, status, test } from '../../src/index.ts'
import { customerOrders, customerReturns, orders, returns, sentBack } from './trueline.config.ts'

// What the features mean, in small cases that a person can reckon. Run with: trueline test

const order = { order: 'O1', customer: 'C1', product: 'P1', items: 1, amount: 10, ordered_at: '2025-03-01T10:00:00Z' }

test(
  'an order counts from the moment after it, and not at the moment when it is placed',
  given(orders, [order, { ...order, order: 'O2', amount: 30, ordered_at: '2025-03-02T10:00:00Z' }])
    .at('2025-03-02T10:00:00Z')
    .expect(customerOrders, { customer: 'C1' }, { orders_90d: 1, mean_amount_90d: 10 })
    .at('2025-03-02T10:00:01Z')
    .expect(customerOrders, { customer: 'C1' }, { orders_90d: 2, mean_amount_90d: 20 })
    .expect(customerOrders, { customer: 'C2' }, { orders_90d: 0, mean_amount_90d: status('unknown_key') }),
)

test(
  'a return that arrives two days late counts from then on',
  given(returns, [{ order: 'O1', customer: 'C1', product: 'P1', refund: 10, returned_at: '2025-03-05T10:00:00Z' }], {
    arriving: '2025-03-07T10:00:00Z',
  })
    .at('2025-03-06T10:00:00Z')
    .expect(customerReturns, { customer: 'C1' }, { returns_90d: 0 })
    .at('2025-03-07T10:00:01Z')
    .expect(customerReturns, { customer: 'C1' }, { returns_90d: 1, since_last_return: 172_801 }),
)

// What the data must be like.

test('an order of nothing is refused', expectRows(orders, [{ ...order, items: 0 }]).toBeRejected('out_of_range'))

test('the history of orders is whole', expectRows(orders, 'orders.csv').toBeAccepted())

// The whole way: from history over training to a decision.

test(
  'who sends much back is asked for the size',
  given(orders, 'orders.csv')
    .and(returns, 'returns.csv')
    .at(new Date().toISOString())
    .train(sentBack)
    .expectPrediction(
      sentBack,
      { ...order, customer: 'C002', product: 'P34', items: 2, amount: 122, ordered_at: new Date().toISOString() },
      // Of all orders, a fifth is sent back.
      { score: about(0.5, 0.25), features: { items: 2 } },
    ),
)

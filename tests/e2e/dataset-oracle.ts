import { DAY, HOUR } from '../../src/core/time.ts'
import type { Order, Return } from './shop-fixture.ts'

/** An event with when it became known; microseconds. */
export interface Known<Row> {
  readonly row: Row
  readonly knownAt: number
}

/** Everything that happened in the shop. */
export interface KnownShop {
  readonly orders: readonly Known<Order>[]
  readonly returns: readonly Known<Return>[]
}

/** One row of the training set of `sent_back`, as written down from the definitions by hand. */
export interface ExpectedRow {
  readonly t: number
  /** In the order of the model's inputs; null where there is no value. */
  readonly values: readonly (number | null)[]
  readonly label: number
}

const WITHIN = 2 * DAY
const LENGTH = 15 * DAY

/**
 * The training set of `sent_back` at a cut, by the text of docs/semantics.md and without any code of the platform: each
 * row looks at every event there is.
 */
export function expectedDataset({ orders, returns }: KnownShop, cut: number): ExpectedRow[] {
  const to = cut - WITHIN
  const known = orders.filter(({ knownAt }) => knownAt < cut)
  const outcomes = returns.filter(({ knownAt }) => knownAt < cut)
  const asking = known.filter(({ row }) => row.ordered_at >= to - LENGTH && row.ordered_at < to)
  return asking.flatMap(({ row }): ExpectedRow[] => {
    const label = labelOf(row, outcomes)
    return label === null ? [] : [{ t: row.ordered_at, values: valuesOf(row, { orders, returns }), label }]
  })
}

/** The vector that an order asks for at its own time, from what was known before. */
export function valuesOf(asking: Order, shop: KnownShop): (number | null)[] {
  const t = asking.ordered_at
  const orders = shop.orders.filter(({ row, knownAt }) => knownAt < t && row.ordered_at < t).map(({ row }) => row)
  const returns = shop.returns.filter(({ row, knownAt }) => knownAt < t && row.returned_at < t).map(({ row }) => row)
  const isAsking = (row: { customer: string | null }) => asking.customer !== null && row.customer === asking.customer
  const ofCustomer = orders.filter(isAsking)
  const ofProduct = returns.filter(({ product }) => product === asking.product)
  const ofPair = ofCustomer.filter(({ product }) => product === asking.product)
  const orderedSince = (rows: readonly Order[], from: number) => rows.filter((row) => row.ordered_at >= from)
  const returnedSince = (from: number) => ofProduct.filter((row) => row.returned_at >= from)
  const hour = (time: number) => Math.floor(time / HOUR) * HOUR
  const large = returnedSince(t - 3 * DAY).filter(({ refund }) => refund !== null && refund > 50)
  const withRefund = returnedSince(t - 3 * DAY).filter(({ refund }) => refund !== null)
  const newest = orderedSince(ofCustomer, t - DAY).sort(
    (a, b) => a.ordered_at - b.ordered_at || (idOf(a) < idOf(b) ? -1 : 1),
  )
  const latestReturn = Math.max(...returnedSince(t - 3 * DAY).map(({ returned_at }) => returned_at))
  return [
    newest.at(-1)?.amount ?? null,
    meanOf(orderedSince(ofCustomer, hour(t - 3 * DAY)).map(({ amount }) => amount)),
    orderedSince(ofCustomer, t - 2 * DAY).length,
    ofCustomer.length === 0 ? null : ofCustomer.reduce((sum, { amount }) => sum + amount, 0),
    withRefund.length === 0 ? null : large.length / withRefund.length,
    meanOf(large.map(({ refund }) => refund as number)),
    returnedSince(hour(t - 3 * DAY)).length,
    Number.isFinite(latestReturn) ? (t - latestReturn) / 1_000_000 : null,
    orderedSince(ofPair, t - 3 * DAY).length,
    Math.floor((t % DAY) / HOUR),
    asking.amount,
  ]
}

/** First return of the order within two days: 1 when something was refunded, null when it is not known how much. */
function labelOf(order: Order, outcomes: readonly Known<Return>[]): number | null {
  const [first] = outcomes
    .map(({ row }) => row)
    .filter((row) => row.order === order.order)
    .filter((row) => row.returned_at >= order.ordered_at && row.returned_at < order.ordered_at + WITHIN)
    .sort((a, b) => a.returned_at - b.returned_at || a.line - b.line)
  if (first === undefined) return 0
  return first.refund === null ? null : Number(first.refund > 0)
}

/** The id of an order is its key and its time: the text with the length before it orders ties. */
function idOf({ order, ordered_at }: Order): string {
  return `s${order.length}:${order}t16:${ordered_at}`
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}

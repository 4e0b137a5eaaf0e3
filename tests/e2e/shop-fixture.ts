import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type VirtualClock, virtualClock } from '../../src/core/clock.ts'
import { seededRandom } from '../../src/core/random.ts'
import { DAY, HOUR, MINUTE, parseTime } from '../../src/core/time.ts'
import {
  above,
  byTime,
  col,
  count,
  entity,
  features,
  gbdt,
  label,
  last,
  mean,
  model,
  req,
  request,
  share,
  stream,
  sum,
  t,
  timeSinceLast,
} from '../../src/index.ts'
import { collectProject } from '../../src/language/define/collect-project.ts'
import type { ProjectDefinition } from '../../src/language/define/definitions.ts'
import type { PredictAnswer } from '../../src/platform/api/prediction-answers.ts'
import type { Recovery } from '../../src/platform/app/monitors.ts'
import { type OwnedPlatform, openPlatform } from '../../src/platform/app/open-platform.ts'

/** A shop small enough to be trained in seconds, with everything that tends to go wrong: null keys, ties, late rows. */

export const orders = stream('orders', {
  key: 'order',
  time: 'ordered_at',
  ahead: '1h',
  schema: {
    order: t.string({ maxLength: 20 }),
    customer: t.string({ nullable: true }),
    product: t.string(),
    amount: t.number({ min: 0, max: 1000 }),
    card: t.string({ nullable: true, sensitive: true }),
    ordered_at: t.timestamp(),
  },
})

export const returns = stream('returns', {
  key: 'order',
  time: 'returned_at',
  sequence: 'line',
  id: ['order', 'line', 'returned_at'],
  schema: {
    order: t.string(),
    customer: t.string({ nullable: true }),
    product: t.string(),
    refund: t.number({ nullable: true, min: 0, max: 1000 }),
    line: t.int(),
    returned_at: t.timestamp(),
  },
})

const customer = entity('customer', { customer: t.string() })
const product = entity('product', { product: t.string() })
const pair = entity('pair', { customer: t.string(), product: t.string() })

export const customerOrders = features('customer_orders', {
  entity: customer,
  from: orders,
  select: {
    orders_2d: count().over('2d'),
    mean_amount_3d: mean('amount').over('3d', { hop: '1h' }),
    last_amount: last('amount', { ttl: '1d' }),
    spent: sum('amount').over('lifetime'),
  },
})

export const productReturns = features('product_returns', {
  entity: product,
  from: returns,
  select: {
    returns_3d: count().over('3d', { hop: '1h' }),
    large_share_3d: share(col('refund').gt(50)).over('3d'),
    mean_large_3d: mean('refund').where(col('refund').gt(50)).over('3d'),
    since_last: timeSinceLast().over('3d'),
  },
})

const pairOrders = features('pair_orders', {
  entity: pair,
  from: orders,
  select: { orders_3d: count().over('3d'), highest_3d: mean('amount').over('3d') },
})

const timing = request('timing', { hour: req('ordered_at').hour('UTC') })

export const sentBack = model('sent_back', {
  predicts: 'probability that an order is sent back within two days',
  at: orders,
  time: 'ordered_at',
  features: [customerOrders, productReturns, pairOrders.pick('orders_3d'), timing, orders.pick('amount')],
  label: label(returns, col('refund').gt(0)).on('order').within('2d').absent(false),
  split: byTime({ train: '9d', validate: '3d', test: '3d' }),
  trainer: gbdt({ trees: 20, depth: 3, seed: 1 }),
  gate: { segments: ['product'] },
  serve: { decision: above(0.3, 'ask', 'ship'), fallback: 'ship' },
})

/** A number, asked for at the moment of the question, and in the log before it is answered. */
export const refundSize = model('refund_size', {
  predicts: 'how much of an order is refunded',
  at: orders,
  features: [productReturns, orders.pick('amount')],
  label: label(returns, col('refund')).on('order').within('2d').absent('exclude'),
  split: byTime({ train: '9d', validate: '3d', test: '3d' }),
  trainer: gbdt({ trees: 10, depth: 2, seed: 1 }),
  serve: { log: 'sync' },
})

export const shop: ProjectDefinition = collectProject([sentBack, refundSize])

export const START = parseTime('2025-03-01')
const DAYS = 20
export const NOW = START + DAYS * DAY

export interface Order {
  readonly order: string
  readonly customer: string | null
  readonly product: string
  readonly amount: number
  readonly card: string | null
  readonly ordered_at: number
}

export interface Return {
  readonly order: string
  readonly customer: string | null
  readonly product: string
  readonly refund: number | null
  readonly line: number
  readonly returned_at: number
}

export interface ShopHistory {
  readonly orders: readonly Order[]
  readonly returns: readonly Return[]
}

/** Orders of `days` days from `start` on, on whole minutes so that many tie, and the returns that came of them. */
export function makeHistory(start = START, days = DAYS, seed = 7): ShopHistory {
  const random = seededRandom(seed)
  const made: { orders: Order[]; returns: Return[] } = { orders: [], returns: [] }
  for (let number = 0; number < days * 72; number += 1) {
    const orderedAt = start + Math.floor(number / 2) * 40 * MINUTE
    const who = Math.floor(random.next() ** 2 * 40)
    const what = Math.floor(random.next() * 8)
    const customerName = who === 0 ? null : `C${who}`
    const productName = `P${what}`
    const amount = 5 + Math.floor(random.next() * 195)
    const name = `O${number}`
    made.orders.push({
      ...{ order: name, customer: customerName, product: productName, amount, ordered_at: orderedAt },
      card: number % 3 === 0 ? null : `4000-${number}`,
    })
    const chance = (what < 3 ? 0.55 : 0.06) + (who % 5 === 1 ? 0.3 : 0)
    const comesBack = random.next() < chance
    const after = (1 + Math.floor(random.next() * 39)) * HOUR
    // Every twentieth refund is not known, and some are of nothing.
    const refund = number % 20 === 19 ? null : number % 20 === 18 ? 0 : amount
    if (comesBack)
      made.returns.push({
        ...{ order: name, customer: customerName, product: productName, refund, line: number % 4 },
        returned_at: orderedAt + after,
      })
  }
  made.returns.sort((a, b) => a.returned_at - b.returned_at)
  return made
}

/** Rows as CSV, a header first; null is an empty field. */
export function csvOf(rows: readonly object[]): string {
  const names = Object.keys(rows[0] ?? {})
  const lines = rows.map((row) => names.map((name) => String((row as Record<string, unknown>)[name] ?? '')).join(','))
  return `${[names.join(','), ...lines].join('\n')}\n`
}

/** A folder of its own under the system's temporary one. */
export function temporaryFolder() {
  return mkdtempDisposable(join(tmpdir(), 'trueline-e2e-'))
}

export interface ShopOptions {
  readonly folder: string
  readonly project?: ProjectDefinition
  readonly now?: number
  readonly apply?: boolean
  readonly notes?: string[]
  readonly mostLogPages?: number
  /** Where relative paths of the project begin. */
  readonly base?: string
  readonly recovery?: Recovery
}

/** The platform of a folder's `data`, at a virtual time. */
export async function openShop(options: ShopOptions): Promise<{ platform: OwnedPlatform; clock: VirtualClock }> {
  const { folder, project = shop, now = NOW, apply = false, notes = [], mostLogPages, base, recovery } = options
  const clock = virtualClock(now)
  const directory = join(folder, 'data')
  const onNote = (text: string) => void notes.push(text)
  const disk = {
    ...(mostLogPages === undefined ? {} : { mostLogPages }),
    ...(base === undefined ? {} : { folder: base }),
    ...(recovery === undefined ? {} : { recovery }),
  }
  return { platform: await openPlatform({ config: project, directory, clock, apply, onNote, ...disk }), clock }
}

/** Imports what has happened by now as a CSV file into each stream. */
export async function importShop(platform: OwnedPlatform, folder: string, history: ShopHistory): Promise<void> {
  const now = platform.clock.now()
  const happened = {
    orders: history.orders.filter(({ ordered_at }) => ordered_at < now),
    returns: history.returns.filter(({ returned_at }) => returned_at < now),
  }
  for (const name of ['orders', 'returns'] as const) {
    const file = join(folder, `${name}.csv`)
    await writeFile(file, csvOf(happened[name]))
    const { accepted, rejected } = await platform.importHistory(name, file)
    if (accepted !== happened[name].length || rejected !== 0) throw new Error(`${rejected} of ${name} were rejected`)
  }
}

/** Trains a model, approves the version as another and lets it serve. */
export async function trainAndServe(
  platform: OwnedPlatform,
  name: string,
  variant: 'full' | 'without_windows' = 'full',
): Promise<number> {
  const { version } = await platform.train(name, { name: 'ann' }, { variant })
  await platform.approve(name, version, { name: 'ben' }, 'For the test.')
  await platform.promote(name, version, { name: 'ben' })
  return version
}

/** Ids of the predictions of an answer, or the errors in their places. */
export function idsIn({ predictions }: PredictAnswer): string[] {
  return predictions.map((prediction) =>
    'score' in prediction ? prediction.prediction_id : JSON.stringify(prediction),
  )
}

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { virtualClock } from '../../src/core/clock.ts'
import { seededRandom } from '../../src/core/random.ts'
import { DAY, HOUR, MINUTE, parseTime } from '../../src/core/time.ts'
import {
  byTime,
  col,
  edgeCases,
  encode,
  entity,
  features,
  gbdt,
  label,
  logistic,
  model,
  monotone,
  share,
  stream,
  t,
} from '../../src/index.ts'
import { collectProject } from '../../src/language/define/collect-project.ts'
import type { ModelDefinition } from '../../src/language/define/definitions.ts'
import { type OwnedPlatform, openPlatform } from '../../src/platform/app/open-platform.ts'
import { csvOf } from './shop-fixture.ts'

/** Parcels that arrive late, damaged or fine: what becomes of one hangs on its weight, its route, and how that went of late. */

const parcels = stream('parcels', {
  key: 'parcel',
  time: 'sent_at',
  schema: { parcel: t.string(), route: t.string(), weight: t.number({ min: 0, max: 100 }), sent_at: t.timestamp() },
})
const arrivals = stream('arrivals', {
  key: 'parcel',
  time: 'arrived_at',
  schema: {
    parcel: t.string(),
    route: t.string(),
    state: t.string({ nullable: true }),
    arrived_at: t.timestamp(),
  },
})
const route = entity('route', { route: t.string() })
const ofRoute = features('of_route', {
  entity: route,
  from: arrivals,
  select: { late_1d: share(col('state').eq('late')).over('1d') },
})
export const CLASSES = ['late', 'damaged', 'fine'] as const
const asked = {
  at: parcels,
  time: 'sent_at',
  label: label(arrivals, col('state'), { classes: CLASSES }).on('parcel').within('12h').absent('exclude'),
  split: byTime({ train: '8d', validate: '2d', test: '4d' }),
} as const

const ofState = {
  ...asked,
  predicts: 'how a parcel arrives',
  trainer: gbdt({ trees: 25, depth: 3, seed: 1 }),
  weights: { classes: { late: 1, damaged: 2, fine: 1 } },
  gate: {
    segments: ['route'],
    decisions: { margin: 0.05 },
    behaviour: [edgeCases({ change: 0.99 }), monotone({ 'of_route.late_1d': 'up' }, { tolerance: 0.9, class: 'late' })],
  },
} as const
const inputs = [ofRoute, parcels.pick('weight'), encode.category(parcels.pick('route'))] as const
export const arrivalState = model('arrival_state', {
  ...ofState,
  features: [...inputs, encode.target(parcels.pick('route'), { smoothing: 5 })],
})
/** The same without what only a training here can fit: a program that takes inputs by their order has none of it. */
export const plainState = model('arrival_state', { ...ofState, features: [...inputs] })
export const arrivalLines = model('arrival_lines', {
  ...asked,
  predicts: 'how a parcel arrives, by lines',
  features: [parcels.pick('weight'), encode.oneHot(parcels.pick('route'))],
  split: byTime({ train: '8d', validate: '2d', test: '4d', folds: 2 }),
  trainer: logistic({ lambdas: 4 }),
  calibration: 'platt',
})

const START = parseTime('2025-03-01')
const DAYS = 16
const ROUTES = ['north', 'south', 'sea']

interface Parcel {
  readonly parcel: string
  readonly route: string
  readonly weight: number
  readonly sent_at: number
}

/** What was sent and what came of it: some states are no class, and some parcels never arrive. */
export function makeParcels() {
  const random = seededRandom(5)
  const sent: Parcel[] = []
  const arrived: { readonly parcel: string; readonly state: string | null; readonly arrived_at: number }[] = []
  for (let number = 0; number < DAYS * 96; number += 1) {
    const sentAt = START + number * 15 * MINUTE
    const place = random.integer(ROUTES.length)
    const weight = Math.round(random.next() * 500) / 10
    const name = `P${number}`
    sent.push({ parcel: name, route: ROUTES[place]!, weight, sent_at: sentAt })
    const isStormy = Math.floor(number / 96) % 3 === 0
    const late = [0.1, 0.35, isStormy ? 0.8 : 0.3][place]!
    const drawn = random.next()
    const damaged = late + (1 - late) * (weight > 35 ? 0.7 : 0.1)
    const state = drawn < late ? 'late' : drawn < damaged ? 'damaged' : 'fine'
    const fate = random.next()
    if (fate < 0.05) continue
    arrived.push({
      ...{ parcel: name, route: ROUTES[place]!, state: fate < 0.1 ? 'lost' : fate < 0.12 ? null : state },
      arrived_at: sentAt + (1 + random.integer(8)) * HOUR,
    })
  }
  arrived.sort((a, b) => a.arrived_at - b.arrived_at)
  return { parcels: sent, arrivals: arrived }
}

/** A platform in `folder`, at a time at which all of it has happened. */
export async function openParcels(
  folder: string,
  models: readonly [ModelDefinition, ...ModelDefinition[]] = [arrivalState, arrivalLines],
): Promise<OwnedPlatform> {
  const clock = virtualClock(START + DAYS * DAY + 12 * HOUR)
  const platform = await openPlatform({ config: collectProject([...models]), directory: join(folder, 'data'), clock })
  for (const [name, rows] of Object.entries(makeParcels())) {
    const file = join(folder, `${name}.csv`)
    await writeFile(file, csvOf(rows))
    const { rejected } = await platform.importHistory(name, file)
    if (rejected !== 0) throw new Error(`${rejected} of ${name} were rejected`)
  }
  return platform
}

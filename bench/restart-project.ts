import { parseTime } from '../src/core/time.ts'
import { count, last, max, mean, share, stddev, sum } from '../src/language/define/aggregations.ts'
import { collectProject } from '../src/language/define/collect-project.ts'
import { t } from '../src/language/define/column-types.ts'
import type { ProjectDefinition } from '../src/language/define/definitions.ts'
import { entity } from '../src/language/define/entity.ts'
import { features } from '../src/language/define/features.ts'
import { stream } from '../src/language/define/stream.ts'
import { col } from '../src/language/define/terms.ts'

/** When the benchmark's clock stands, in microseconds. */
export const NOW = parseTime('2026-06-01T00:00:00Z')
export const GROUP = 'spending'
/** Days of events before now. */
export const DAYS = 30

const payments = stream('payments', {
  key: 'payment',
  time: 'paid_at',
  schema: { payment: t.int(), card: t.int(), amount: t.number(), abroad: t.bool(), paid_at: t.timestamp() },
})

/** Ten features over four windows of each card. */
export function restartProject(): ProjectDefinition {
  const spending = features(GROUP, {
    entity: entity('card', { card: t.int() }),
    from: payments,
    select: {
      count_1h: count().over('1h'),
      sum_1h: sum('amount').over('1h'),
      count_1d: count().over('1d'),
      sum_1d: sum('amount').over('1d'),
      max_1d: max('amount').over('1d'),
      mean_7d: mean('amount').over('7d'),
      deviation_7d: stddev('amount').over('7d'),
      abroad_30d: share(col('abroad').eq(true)).over('30d'),
      mean_30d: mean('amount').over('30d'),
      last_30d: last('amount', { ttl: '30d' }),
    },
  })
  return collectProject([payments, spending])
}

import type { ModelHealth } from '../../../src/platform/api/contract.ts'
import { formatCount, formatInterval, formatMilliseconds, formatScore } from '../format/number.ts'
import { formatTime } from '../format/time.ts'
import { lastBefore, type TimeWindow, windowAt } from '../time/windows.ts'
import { openAt } from './alert-strip.tsx'
import { servingAt } from './release-strip.tsx'

/** What all strips say at a time, in one sentence that can be read aloud; without a time, what they say last. */
export function summaryAt(health: ModelHealth, time: number | undefined, zone: string): string {
  const at = <P extends TimeWindow>(points: readonly P[]): P | undefined =>
    time === undefined ? lastBefore(points, health.to) : windowAt(points, time)
  const service = at(health.service)
  const prediction = at(health.prediction)
  const outcome = at(health.outcome)
  const release = servingAt(health.releases, time ?? health.to)
  const open = openAt(health.alerts, time ?? health.to - 1, health.now)
  const parts = [
    release && `v${release.version} serves`,
    service && (service.n === 1 ? '1 prediction' : `${formatCount(service.n)} predictions`),
    service?.p99 !== undefined && `p99 ${formatMilliseconds(service.p99)} a row`,
    prediction && `mean score ${formatScore(prediction.mean)}`,
    outcome && outcomePart(outcome),
    open.length > 0 && `${open.length} open alerts`,
  ].filter((part) => typeof part === 'string')
  const when = time === undefined ? 'Latest' : `${formatTime(time, zone)} ${zone}`
  return `${when}: ${parts.length === 0 ? 'no data' : parts.join(', ')}`
}

function outcomePart({ auc, low, high, mature }: ModelHealth['outcome'][number]): string {
  if (auc === undefined) return 'AUC not enough data'
  const interval = low === undefined || high === undefined ? '' : ` (${formatInterval(low, high)})`
  return `AUC ${formatScore(auc)}${interval}, ${mature ? 'mature' : 'immature'}`
}

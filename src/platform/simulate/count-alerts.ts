import { listAlerts } from '../../operate/monitoring/alert-store.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'

/** Alerts about a model that were opened within [from, until), microseconds; that a candidate waits is none of its ills. */
export async function countAlertsOf(
  metadata: Metadata,
  model: string,
  range: { readonly from: number; readonly until?: number },
): Promise<number> {
  const { items } = await listAlerts(metadata, { model, ...range, limit: 10_000 })
  return items.filter(({ kind }) => !kind.startsWith('retraining_')).length
}

import type { Identity } from '../../governance/identity.ts'
import {
  acknowledgeAlert,
  countAlerts,
  listAlerts,
  type Alert as StoredAlert,
} from '../../operate/monitoring/alert-store.ts'
import type { Alert, AlertPage } from '../api/contract.ts'
import type { Parts } from './assemble-platform.ts'

/** A page of alerts, those opened last first. */
export async function pageAlerts(
  { metadata }: Pick<Parts, 'metadata'>,
  { open = false, limit = 50, offset = 0 }: { open?: boolean; limit?: number; offset?: number },
): Promise<AlertPage> {
  const filter = open ? ({ state: 'open' } as const) : {}
  const { items } = await listAlerts(metadata, { ...filter, limit: limit + offset })
  return { total: await countAlerts(metadata, filter), alerts: items.slice(offset).map(shownAlert) }
}

export async function acknowledge({ metadata }: Pick<Parts, 'metadata'>, id: string, by: Identity): Promise<Alert> {
  return shownAlert(await acknowledgeAlert(metadata, id, by))
}

/** An alert without what the monitor wrote for itself. */
export function shownAlert({ evidence, effect, ...alert }: StoredAlert): Alert {
  return alert
}

import type { Identity } from '../../governance/identity.ts'
import { alertFigures } from '../../operate/monitoring/alert-figures.ts'
import { alertKinds } from '../../operate/monitoring/alert-kinds.ts'
import {
  acknowledgeAlert,
  countAlerts,
  listAlerts,
  readAlert,
  type Alert as StoredAlert,
} from '../../operate/monitoring/alert-store.ts'
import type { AlertQuery } from '../api/alert-answers.ts'
import type { Alert, AlertDetail, AlertPage } from '../api/contract.ts'
import type { Parts } from './assemble-platform.ts'

/** A page of alerts, those opened last first. */
export async function pageAlerts({ metadata }: Pick<Parts, 'metadata'>, query: AlertQuery): Promise<AlertPage> {
  const { open = false, state = open ? 'open' : undefined, model, from, to, limit = 50, offset = 0, cursor } = query
  const filter = {
    ...(state === undefined ? {} : { state }),
    ...(model === undefined ? {} : { model }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { until: to }),
  }
  const page = { limit: limit + offset, ...(cursor === undefined ? {} : { cursor }) }
  const { items, next } = await listAlerts(metadata, { ...filter, ...page })
  return { total: await countAlerts(metadata, filter), alerts: items.slice(offset).map(shownAlert), next }
}

/**
 * One alert, with what it rests on in words.
 * @throws TruelineError `unknown_alert`
 */
export async function showAlert({ metadata }: Pick<Parts, 'metadata'>, id: string): Promise<AlertDetail> {
  const alert = await readAlert(metadata, id)
  const { meaning } = alertKinds[alert.kind]
  return { ...shownAlert(alert), meaning, ...alertFigures(alert) } as AlertDetail
}

export async function acknowledge({ metadata }: Pick<Parts, 'metadata'>, id: string, by: Identity): Promise<Alert> {
  return shownAlert(await acknowledgeAlert(metadata, id, by))
}

/** An alert without what the monitor wrote for itself. */
export function shownAlert({ evidence, effect, ...alert }: StoredAlert): Alert {
  return alert
}

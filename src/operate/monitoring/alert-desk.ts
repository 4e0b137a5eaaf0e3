import type { Metadata } from '../../stores/metadata/metadata.ts'
import { alertKinds } from './alert-kinds.ts'
import { type Alert, type AlertSubject, raiseAlert, resolveAlert, type Sighting } from './alert-store.ts'

/** Where alerts are written besides the store; pino's loggers are of this shape. */
export interface AlertLog {
  error(fields: object, message: string): void
  warn(fields: object, message: string): void
  info(fields: object, message: string): void
}

/** What a webhook receives. */
export interface AlertNotice {
  readonly event: 'opened' | 'resolved'
  readonly alert: Alert
}

/** The one way by which alerts open and close: stored, logged and sent, each change once. */
export interface AlertDesk {
  /** Opens an alert, or brings the one that is open about the same subject up to date, quietly. */
  raise(sighting: Omit<Sighting, 'severity'>): Promise<void>
  /** Resolves the alert that is open about a subject, if there is one. */
  resolve(subject: AlertSubject, why: string): Promise<void>
}

/** @param send takes a notice without waiting, such as the `send` of a webhook queue */
export function createAlertDesk(metadata: Metadata, log: AlertLog, send: (notice: AlertNotice) => void): AlertDesk {
  return {
    async raise(sighting) {
      const { severity } = alertKinds[sighting.kind]
      const { alert, opened } = await raiseAlert(metadata, { ...sighting, severity })
      if (!opened) return
      const { id, model, kind, n, runbook } = alert
      log[severity === 'page' ? 'error' : 'warn']({ alert: id, model, kind, severity, n, runbook }, alert.title)
      send({ event: 'opened', alert })
    },
    async resolve(subject, why) {
      const alert = await resolveAlert(metadata, subject)
      if (alert === undefined) return
      log.info({ alert: alert.id, model: alert.model, kind: alert.kind }, `Resolved: ${alert.title} ${why}`)
      send({ event: 'resolved', alert })
    },
  }
}

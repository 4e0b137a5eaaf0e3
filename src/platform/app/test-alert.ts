import { TruelineError } from '../../core/errors.ts'
import { seededRandom } from '../../core/random.ts'
import { unknownName } from '../../core/unknown-name.ts'
import { recordAct } from '../../governance/audit-log.ts'
import type { Identity } from '../../governance/identity.ts'
import { raiseAlert, resolveAlert, type Sighting } from '../../operate/monitoring/alert-store.ts'
import { deliverWebhook } from '../../operate/monitoring/webhook.ts'
import type { TestAlertAnswer } from '../api/alert-answers.ts'
import type { Parts } from './assemble-platform.ts'
import { shownAlert } from './watching.ts'

/** The caller waits: a receiver that is away for longer is not there. */
const ATTEMPTS = 3

/**
 * Sends an alert about a model that says that it is a test, waits until the receiver took it, and resolves it. Whoever got it acknowledges
 * it, which is evidence for readiness.
 * @throws TruelineError `unknown_model`, `no_webhook`, `alert_undelivered`
 */
export async function sendTestAlert(
  { project, metadata, clock, webhooks }: Pick<Parts, 'project' | 'metadata' | 'clock' | 'webhooks'>,
  model: string,
  by: Identity,
): Promise<TestAlertAnswer> {
  if (!Object.hasOwn(project.models, model))
    throw unknownName('unknown_model', 'model', model, Object.keys(project.models))
  if (project.alerts === undefined)
    throw new TruelineError('no_webhook', 'The project does not say where alerts go.', { path: 'alerts' })
  const { webhook } = project.alerts
  const { host } = new URL(webhook)
  const sighting: Sighting = {
    ...{ model, kind: 'test_alert', severity: 'ticket', n: 0, effect: null, evidence: { delivered: false } },
    title: `A test by ${by.name}: alerts about ${model} arrive where this is read.`,
  }
  const { alert } = await raiseAlert(metadata, sighting)
  try {
    const random = seededRandom(clock.now())
    const sent = await deliverWebhook(webhook, { event: 'opened', alert }, { random, attempts: ATTEMPTS })
    const act = { by, at: clock.now(), action: 'alert.test', target: alert.id }
    await metadata.database.transaction().execute(async (transaction) => {
      await recordAct(transaction, { ...act, after: { model, host, delivered: sent.delivered } })
    })
    if (!sent.delivered)
      throw new TruelineError('alert_undelivered', `${host} did not take the test alert: ${sent.reason}.`, {
        path: 'alerts.webhook',
      })
    await raiseAlert(metadata, { ...sighting, evidence: { delivered: true } })
    return { host, alert: shownAlert(alert) }
  } finally {
    const resolved = await resolveAlert(metadata, sighting)
    if (resolved !== undefined) webhooks.send({ event: 'resolved', alert: resolved })
  }
}

/** Whether an alert shows that alerts reach people: a test does where the receiver took it. */
export function hasArrived({ kind, evidence }: Pick<Sighting, 'kind' | 'evidence'>): boolean {
  return kind !== 'test_alert' || (evidence as { readonly delivered: boolean }).delivered
}

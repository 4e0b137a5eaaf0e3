import { mkdtempDisposable } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import { seededRandom } from '../../core/random.ts'
import { listAudit } from '../../governance/audit-log.ts'
import { assertedIdentity } from '../../governance/identity.ts'
import { alerts } from '../../language/define/alerts.ts'
import { collectProject } from '../../language/define/collect-project.ts'
import { t } from '../../language/define/column-types.ts'
import { label } from '../../language/define/label.ts'
import { model } from '../../language/define/model.ts'
import { byTime } from '../../language/define/model-parts.ts'
import { stream } from '../../language/define/stream.ts'
import { col } from '../../language/define/terms.ts'
import type { AlertNotice } from '../../operate/monitoring/alert-desk.ts'
import { listAlerts } from '../../operate/monitoring/alert-store.ts'
import { createWebhookQueue } from '../../operate/monitoring/webhook-queue.ts'
import { openMetadata } from '../../stores/metadata/metadata.ts'
import { hasArrived, sendTestAlert } from './test-alert.ts'

const orders = stream('orders', {
  ...{ key: 'order', time: 'at' },
  schema: { order: t.string(), amount: t.number(), at: t.timestamp(), bad: t.bool({ nullable: true }) },
})
const risky = model('risky', {
  ...{ predicts: 'probability that an order is bad', at: orders, features: [orders.pick('amount')] },
  label: label(orders, col('bad')).on('order').within('1d').absent(false),
  split: byTime({ train: '7d', validate: '1d', test: '1d' }),
})
const ann = assertedIdentity('ann')

/** A platform's parts that send to a receiver, which answers with a status. */
async function sending(status: number) {
  const folder = await mkdtempDisposable(join(tmpdir(), 'trueline-test-alert-'))
  const notices: AlertNotice[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      notices.push(JSON.parse(Buffer.concat(chunks).toString()) as AlertNotice)
      response.writeHead(status).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const webhook = `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret`
  const clock = virtualClock(1000)
  const metadata = await openMetadata(join(folder.path, 'meta.db'), { clock })
  const webhooks = createWebhookQueue({ random: seededRandom(1), urls: [webhook], onFailure: () => undefined })
  const project = collectProject([risky, alerts({ webhook })])
  return {
    parts: { project, metadata, clock, webhooks },
    notices,
    async [Symbol.asyncDispose]() {
      await webhooks.close()
      await metadata.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await folder.remove()
    },
  }
}

test('a test alert is taken by the receiver, resolved at once, and on record with who sent it', async () => {
  await using temporary = await sending(200)
  const { parts, notices } = temporary
  const answer = await sendTestAlert(parts, 'risky', ann)
  expect(answer).toMatchObject({ host: expect.stringMatching(/^127\.0\.0\.1:\d+$/), alert: { kind: 'test_alert' } })
  await parts.webhooks.idle()
  expect(notices.map(({ event, alert }) => [event, alert.id])).toEqual([
    ['opened', answer.alert.id],
    ['resolved', answer.alert.id],
  ])
  expect(notices[0]?.alert.title).toBe('A test by ann: alerts about risky arrive where this is read.')
  const { items } = await listAlerts(parts.metadata)
  expect(items).toMatchObject([{ model: 'risky', severity: 'ticket', resolvedAt: 1000 }])
  expect(hasArrived(items[0]!)).toBe(true)
  const acts = await listAudit(parts.metadata.database, { action: 'alert.test' })
  expect(acts.items).toMatchObject([{ by: ann, target: answer.alert.id, after: { delivered: true } }])
})

test('a test alert that the receiver refuses is told, shows nothing, and stays open for nobody', async () => {
  await using temporary = await sending(404)
  const { parts, notices } = temporary
  await expect(sendTestAlert(parts, 'risky', ann)).rejects.toMatchObject({
    code: 'alert_undelivered',
    message: expect.stringMatching(/did not take the test alert: answered 404\.$/),
  })
  expect(notices[0]?.event).toBe('opened')
  const { items } = await listAlerts(parts.metadata)
  expect(items).toMatchObject([{ resolvedAt: 1000 }])
  expect(hasArrived(items[0]!)).toBe(false)
})

test('without a receiver, or for a model that there is not, nothing is sent', async () => {
  await using temporary = await sending(200)
  const { parts, notices } = temporary
  await expect(sendTestAlert(parts, 'riski', ann)).rejects.toMatchObject({ code: 'unknown_model' })
  const project = collectProject([risky])
  await expect(sendTestAlert({ ...parts, project }, 'risky', ann)).rejects.toMatchObject({ code: 'no_webhook' })
  expect(notices).toEqual([])
  expect((await listAlerts(parts.metadata)).items).toEqual([])
})

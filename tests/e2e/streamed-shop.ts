import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { HOUR, MINUTE } from '../../src/core/time.ts'
import type { ModelDefinition, ProjectDefinition } from '../../src/language/define/definitions.ts'
import { predictionStream } from '../../src/language/define/prediction-stream.ts'
import type { StreamAnswer } from '../../src/platform/api/streaming-answers.ts'
import type { OwnedPlatform } from '../../src/platform/app/open-platform.ts'
import { makeHistory, NOW, type Order, openShop, refundSize, sentBack, shop } from './shop-fixture.ts'

function streamed(model: ModelDefinition): ModelDefinition {
  return { ...model, serve: { ...model.serve, modes: ['realtime', 'stream'] } }
}

/** The shop with both models scored for each order as it comes: one asks about its time, the other about now. */
export const streamedShop: ProjectDefinition = {
  ...shop,
  streams: {
    ...shop.streams,
    sent_back_predictions: predictionStream(sentBack),
    refund_size_predictions: predictionStream(refundSize),
  },
  models: { sent_back: streamed(sentBack), refund_size: streamed(refundSize) },
}

/** Orders that come now, several a minute of few customers, so that each sees those before it. */
export function newOrders(count: number, from = 0): Order[] {
  const { orders } = makeHistory(NOW, 4, 11)
  return orders.slice(from, from + count).map((order, index) => ({
    ...order,
    order: `N${from + index}`,
    customer: order.customer === null ? null : `C${(from + index) % 5}`,
    ordered_at: NOW - HOUR + Math.floor((from + index) / 3) * MINUTE,
  }))
}

/** The platform of a copy of a folder's data, which consumes. */
export async function openCopy(
  from: string,
  to: string,
  project = streamedShop,
  apply = false,
): Promise<OwnedPlatform> {
  await cp(join(from, 'data'), join(to, 'data'), { recursive: true })
  const { platform } = await openShop({ folder: to, project, apply })
  platform.parts.streaming.start()
  return platform
}

/** All answers of a model, without what a crash or another order of other streams may change. */
export async function answersOf(
  platform: OwnedPlatform,
  model = 'sent_back',
): Promise<Omit<StreamAnswer, 'prediction' | 'offset' | 'position'>[]> {
  const { answers } = await platform.streamAnswers(model, { after: -1, limit: 1000, wait: 0 })
  return answers.map(({ prediction, offset, position, ...answer }) => answer)
}

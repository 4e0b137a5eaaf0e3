import { deliverWebhook, type WebhookOptions, type WebhookResult } from './webhook.ts'

/** Deliveries to a set of addresses, each in order and at its own pace; whoever sends never waits. */
export interface WebhookQueue {
  /** Queues a body for every address; where a queue is full, the oldest body that waits in it is dropped. */
  send(body: unknown): void
  readonly delivered: number
  /** Bodies that were given up on after all attempts, and bodies that found no room. */
  readonly failed: number
  readonly dropped: number
  /** Resolves when all queues are empty. */
  idle(): Promise<void>
  /** Gives up on what is under way or queued. */
  close(): Promise<void>
}

export interface WebhookQueueOptions extends Omit<WebhookOptions, 'signal'> {
  readonly urls: readonly string[]
  /** Most bodies that wait for one address; default 100. */
  readonly capacity?: number
  /** Told of every body that could not be delivered; the address without its path, which is often a secret. */
  readonly onFailure: (host: string, result: WebhookResult & { delivered: false }) => void
}

/** Starts with empty queues. */
export function createWebhookQueue({ urls, capacity = 100, onFailure, ...options }: WebhookQueueOptions): WebhookQueue {
  const stop = new AbortController()
  const counts = { delivered: 0, failed: 0, dropped: 0 }
  const lanes = urls.map((url) => ({ url, waiting: [] as unknown[], running: undefined as Promise<void> | undefined }))

  async function run(lane: (typeof lanes)[number]): Promise<void> {
    while (lane.waiting.length > 0 && !stop.signal.aborted) {
      const result = await deliverWebhook(lane.url, lane.waiting.shift(), { ...options, signal: stop.signal })
      if (result.delivered) counts.delivered++
      else {
        counts.failed++
        onFailure(new URL(lane.url).host, result)
      }
    }
    lane.running = undefined
  }

  async function idle(): Promise<void> {
    await Promise.all(lanes.map((lane) => lane.running))
  }

  return {
    send(body) {
      for (const lane of lanes) {
        lane.waiting.push(body)
        if (lane.waiting.length > capacity) {
          lane.waiting.shift()
          counts.dropped++
        }
        lane.running ??= run(lane)
      }
    },
    get delivered() {
      return counts.delivered
    },
    get failed() {
      return counts.failed
    },
    get dropped() {
      return counts.dropped
    },
    idle,
    async close() {
      stop.abort()
      await idle()
    },
  }
}

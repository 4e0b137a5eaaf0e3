import { Socket } from 'node:net'
import { LatencyHistogram } from '../src/stats/histograms/latency-histogram.ts'

/** What refusing took the server, milliseconds. */
export interface RefusalsSeen {
  readonly count: number
  readonly p50: number
  readonly p99: number
}

const REFUSED = 'HTTP/1.1 503'

/**
 * Watches from now on how long this process takes to refuse: from when it takes up the bytes of a request to when it has handed its
 * answer to the system. How long a connection is held before that is not in it: clients see that. What comes back ends it and tells.
 */
export function watchRefusals(): () => RefusalsSeen {
  const { emit, write } = Socket.prototype
  const taken = new WeakMap<Socket, number>()
  const times = new LatencyHistogram()
  Socket.prototype.emit = function (this: Socket, event: string | symbol, ...args: unknown[]): boolean {
    // What came of a connection that is held waits there on purpose: it is taken up when the connection is read from again.
    if (event === 'data' || event === 'resume') taken.set(this, performance.now())
    return (emit as (...all: unknown[]) => boolean).call(this, event, ...args)
  }
  Socket.prototype.write = function (this: Socket, ...args: unknown[]): boolean {
    const isWritten = (write as (...all: unknown[]) => boolean).apply(this, args)
    const since = taken.get(this)
    const [head] = args
    if (since !== undefined && typeof head === 'string' && head.startsWith(REFUSED))
      times.add((performance.now() - since) * 1000)
    return isWritten
  }
  return () => {
    Object.assign(Socket.prototype, { emit, write })
    const ms = (quantile: number): number => (times.quantile(quantile) ?? 0) / 1000
    return { count: times.count, p50: ms(0.5), p99: ms(0.99) }
  }
}

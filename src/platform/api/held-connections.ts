import type { Socket } from 'node:net'

/** Connections that are not read from for a while, because they were just refused. */
export interface HeldConnections {
  /**
   * Holds the connection of a request that is refused, once it has its answer.
   * @param isWhole whether all of the request has come
   * @param waiting requests that the queue holds
   */
  hold(socket: Socket, isWhole: () => boolean, waiting: number): void
  /**
   * Reads again from as many as there is room for, once half of the queue that was full is answered.
   * @param waiting requests that the queue holds
   */
  settle(waiting: number): void
}

/** So often one in so many of those that are held is read from again, room or not: after a quarter of a second. */
const TICK_MS = 10
const PART = 25
/** Not more at a time, so that refusing many takes a tenth of the time. */
const MOST = 20

/**
 * Were every connection refused as often as it asks, most of the time would go into refusing under overload: that costs
 * half of what a small prediction does, and most of it in the kernel. So whoever was refused is not read from until there
 * is room or its turn comes; what it sends meanwhile waits where it costs nothing.
 */
export function createHeldConnections(): HeldConnections {
  /** In the order in which they came. */
  const held = new Set<Socket>()
  let full = 0
  let isTicking = false

  function letGo(count: number): void {
    let left = count
    for (const socket of held) {
      if (left <= 0) return
      left -= 1
      held.delete(socket)
      socket.resume()
    }
  }

  function tick(): void {
    letGo(Math.min(MOST, Math.ceil(held.size / PART)))
    isTicking = held.size > 0
    if (isTicking) setTimeout(tick, TICK_MS)
  }

  return {
    hold(socket, isWhole, waiting) {
      full = waiting
      // The parser reads on by itself until it is done with the request.
      setImmediate(() => {
        if (!isWhole() || socket.destroyed) return
        socket.pause()
        held.add(socket)
        if (isTicking) return
        isTicking = true
        setTimeout(tick, TICK_MS)
      })
    },
    settle(waiting) {
      if (held.size > 0) letGo(waiting === 0 ? held.size : Math.ceil(full / 2) - waiting)
    },
  }
}

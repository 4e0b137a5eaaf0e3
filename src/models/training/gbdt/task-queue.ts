import { setImmediate } from 'node:timers/promises'

/** Places of the queue's shared numbers. */
const PLACE = { next: 0, limit: 1, finished: 2, phase: 3, first: 4 } as const
const SPINS = 5000
/** Milliseconds. */
const LONGEST_BLOCK = 50

/**
 * Tasks shared by threads through tickets: numbers that only rise. A phase hands out the tickets from `first` to `limit`
 * once all earlier ones are finished, so whoever holds a ticket knows its phase, and a thread that comes late holds up
 * nobody.
 */
export type TaskQueue = Int32Array

/** Opens a phase with this many tasks. Only when all earlier tasks are finished. */
export function openPhase(queue: TaskQueue, phase: number, tasks: number): void {
  const first = Atomics.load(queue, PLACE.limit)
  Atomics.store(queue, PLACE.phase, phase)
  Atomics.store(queue, PLACE.first, first)
  Atomics.store(queue, PLACE.limit, first + tasks)
  Atomics.notify(queue, PLACE.limit)
}

/** Does tasks as long as there are any. */
export function workOff(queue: TaskQueue, run: (phase: number, task: number) => void): void {
  for (;;) {
    const ticket = Atomics.load(queue, PLACE.next)
    if (ticket >= Atomics.load(queue, PLACE.limit)) return
    if (Atomics.compareExchange(queue, PLACE.next, ticket, ticket + 1) !== ticket) continue
    // With the ticket in hand, the phase cannot change.
    run(Atomics.load(queue, PLACE.phase), ticket - Atomics.load(queue, PLACE.first))
    const finished = Atomics.add(queue, PLACE.finished, 1) + 1
    if (finished === Atomics.load(queue, PLACE.limit)) Atomics.notify(queue, PLACE.finished)
  }
}

/** Blocks until there may be tasks. */
export function waitForTasks(queue: TaskQueue): void {
  const limit = Atomics.load(queue, PLACE.limit)
  for (let spin = 0; spin < SPINS; spin += 1)
    if (Atomics.load(queue, PLACE.next) < Atomics.load(queue, PLACE.limit)) return
  if (Atomics.load(queue, PLACE.next) >= limit) Atomics.wait(queue, PLACE.limit, limit)
}

/**
 * Resolves when all tasks are finished. Blocks, because waking an event loop takes far longer than most tasks; but turns
 * it now and then, so that news of a thread that failed can come through.
 */
export async function allFinished(queue: TaskQueue): Promise<void> {
  const limit = Atomics.load(queue, PLACE.limit)
  for (let spin = 0; spin < SPINS; spin += 1) if (Atomics.load(queue, PLACE.finished) === limit) return
  for (;;) {
    const finished = Atomics.load(queue, PLACE.finished)
    if (finished === limit) return
    if (Atomics.wait(queue, PLACE.finished, finished, LONGEST_BLOCK) === 'timed-out') await setImmediate()
  }
}

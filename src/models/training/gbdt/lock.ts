const FREE = 0
const HELD = 1
const AWAITED = 2

/**
 * Takes the lock at `index`, which is free when it is 0; blocks while another thread holds it.
 * The mutex of Ulrich Drepper, "Futexes Are Tricky", 2011.
 */
export function acquire(locks: Int32Array, index: number): void {
  if (Atomics.compareExchange(locks, index, FREE, HELD) === FREE) return
  while (Atomics.exchange(locks, index, AWAITED) !== FREE) Atomics.wait(locks, index, AWAITED)
}

/** Gives the lock back. */
export function release(locks: Int32Array, index: number): void {
  if (Atomics.exchange(locks, index, FREE) === AWAITED) Atomics.notify(locks, index, 1)
}

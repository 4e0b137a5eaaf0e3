import process from 'node:process'

/** What the event loop of a process went through, milliseconds between two of its turns. */
export interface LoopSeen {
  readonly turns: number
  /** By processor time of its thread: what others on the machine take does not show. */
  readonly p999_ms: number
  readonly most_ms: number
  /** By the clock. */
  readonly wall_p999_ms: number
}

/** Watches the event loop of this process from now on; what comes back ends it and tells. */
export function watchLoop(): () => LoopSeen {
  const busy: number[] = []
  const wall: number[] = []
  let isOver = false
  let before = { busy: threadTime(), wall: performance.now() }
  const watch = (): void => {
    const now = { busy: threadTime(), wall: performance.now() }
    busy.push((now.busy - before.busy) / 1000)
    wall.push(now.wall - before.wall)
    before = now
    // As a loop that has something to do now and then: idle turns would hide the long ones.
    if (!isOver) setTimeout(watch, 1)
  }
  setTimeout(watch, 1)
  return () => {
    isOver = true
    for (const times of [busy, wall]) times.sort((a, b) => a - b)
    const p999 = (times: readonly number[]): number => times[Math.floor(times.length * 0.999)] ?? 0
    return { turns: busy.length, p999_ms: p999(busy), most_ms: busy.at(-1) ?? 0, wall_p999_ms: p999(wall) }
  }
}

/** Processor time of this thread, microseconds. */
export function threadTime(): number {
  // Linux says of a thread what it had used up at its last tick or switch, up to milliseconds ago; asked for all threads, it brings the
  // asking one up to date.
  process.cpuUsage()
  const { user, system } = process.threadCpuUsage()
  return user + system
}

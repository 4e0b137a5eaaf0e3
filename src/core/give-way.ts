import { readlinkSync } from 'node:fs'
import { constants, getPriority, setPriority } from 'node:os'
import { basename } from 'node:path'
import process from 'node:process'

const { PRIORITY_BELOW_NORMAL } = constants.priority

/**
 * Lets everything else on the machine go first when there are fewer processors than work: a training beside a server must
 * not be felt by those who ask it. Nothing where nobody else wants the processors, or the system has no such thing.
 * @param pid of a child that was just started: threads that it starts from now on are as low
 */
export function processGivesWay(pid: number): void {
  lower(() => pid)
}

/**
 * Lets the threads that serve go before the one that calls this. Only Linux has priorities of single threads; elsewhere
 * it does nothing.
 */
export function threadGivesWay(): void {
  if (process.platform === 'linux') lower(() => Number(basename(readlinkSync('/proc/thread-self'))))
}

function lower(idOf: () => number): void {
  try {
    const id = idOf()
    // Who is lower already stays there: only an administrator may go up.
    setPriority(id, Math.max(getPriority(id), PRIORITY_BELOW_NORMAL))
  } catch {
    // A courtesy: the work is done as well without it, where the system refuses it, and where whoever it was for is gone.
  }
}

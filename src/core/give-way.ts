import { readlinkSync } from 'node:fs'
import { constants, getPriority, setPriority } from 'node:os'
import { basename } from 'node:path'
import process from 'node:process'

const { PRIORITY_BELOW_NORMAL } = constants.priority

/**
 * Lets everything else on the machine go first when there are fewer processors than work: a training beside a server must
 * not be felt by those who ask it. Nothing where nobody else wants the processors.
 * @param pid of a child that was just started: threads that it starts from now on are as low
 */
export function processGivesWay(pid: number): void {
  try {
    lower(pid)
  } catch (thrown) {
    // Whoever waits for the child learns by its ending why it is gone already.
    if ((thrown as { info?: { code?: string } }).info?.code !== 'ESRCH') throw thrown
  }
}

/**
 * Lets the threads that serve go before the one that calls this. Only Linux has priorities of single threads; elsewhere
 * it does nothing.
 */
export function threadGivesWay(): void {
  if (process.platform !== 'linux') return
  lower(Number(basename(readlinkSync('/proc/thread-self'))))
}

/** Who is lower already stays there: only an administrator may go up. */
function lower(id: number): void {
  setPriority(id, Math.max(getPriority(id), PRIORITY_BELOW_NORMAL))
}

import { readdirSync, readFileSync } from 'node:fs'
import process from 'node:process'

/** Ids of the processes whose parent is this one, or the one named, as Linux tells. */
export function childProcesses(parent: number = process.pid): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => statusOf(pid)?.parent === parent)
}

/** Ids of the processes that train for this one, or for the one named. */
export function trainingProcesses(parent?: number): number[] {
  return childProcesses(parent).filter((pid) => commandOf(pid).includes('training-child'))
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

/** Whether a process is there and has not ended; what has ended may wait to be looked after. */
export function isRunning(pid: number): boolean {
  const status = statusOf(pid)
  return status !== undefined && status.state !== 'Z'
}

/** Undefined for a process that is gone. */
function statusOf(pid: number): { readonly state: string; readonly parent: number } | undefined {
  try {
    // The name of the program, which may hold anything, stands in parentheses before its state and its parent.
    const [, state, parent] = /\) (\S) (\d+) [^)]*$/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
    return state === undefined ? undefined : { state, parent: Number(parent) }
  } catch {
    return undefined
  }
}

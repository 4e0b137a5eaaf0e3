import { readdirSync, readFileSync } from 'node:fs'
import process from 'node:process'

/** A program with all that it has started, also what has left its group or outlived it. */
export interface ProcessTree {
  /** Those that live now; undefined where the system does not list processes as Linux does. */
  members(): readonly number[] | undefined
  /**
   * What they take of memory, bytes: what each holds, or, where that is beyond `limit`, with what they share counted once.
   * Undefined where the system does not say.
   */
  memory(limit: number): number | undefined
  /** Sends a signal to each; one that has ended meanwhile is no fault. */
  signal(signal: 'SIGTERM' | 'SIGKILL'): void
}

/** Name of the variable by whose value the processes of one program know each other. */
export const MARK = 'TRUELINE_PROGRAM'

/**
 * The processes of a program. A process belongs to it by its mark, which children inherit, by its group, or by its parent.
 * @param leader the program, at the head of a group of its own
 * @param mark value of `MARK` in its environment
 */
export function processTree(leader: number, mark: string): ProcessTree {
  const wanted = `${MARK}=${mark}`
  /** When each began: a number may be used again. */
  let mine: ReadonlyMap<number, string> = new Map()
  let others: ReadonlySet<number> = new Set()

  function members(): readonly number[] | undefined {
    const listed = listProcesses()
    if (listed === undefined) return undefined
    const found = new Map<number, string>()
    const foreign = new Set<number>()
    // Parents are mostly listed before their children.
    for (const pid of listed) {
      const stat = others.has(pid) ? undefined : statOf(pid)
      if (stat !== undefined && stat.state !== 'Z' && (mine.get(pid) === stat.began || belongs(pid, stat, found)))
        found.set(pid, stat.began)
      else foreign.add(pid)
    }
    mine = found
    others = foreign
    return [...found.keys()]
  }

  function belongs(pid: number, { group, parent }: Stat, found: ReadonlyMap<number, string>): boolean {
    if (group === leader || found.has(parent)) return true
    return (read(`/proc/${pid}/environ`) ?? '').split('\0').includes(wanted)
  }

  return {
    members,
    memory(limit) {
      const pids = members()
      if (pids === undefined) return undefined
      const held = pids.reduce((sum, pid) => sum + (kilobytes(pid, 'status', 'VmRSS') ?? 0), 0) * 1024
      if (held <= limit) return held
      const shared = pids.map((pid) => kilobytes(pid, 'smaps_rollup', 'Pss') ?? kilobytes(pid, 'status', 'VmRSS') ?? 0)
      return shared.reduce((sum, one) => sum + one, 0) * 1024
    },
    signal(signal) {
      // What was somebody else's number at a look before may be used again.
      others = new Set()
      const pids = members()
      if (pids?.length === 0) return
      send(-leader, signal)
      for (const pid of pids ?? []) send(pid, signal)
    },
  }
}

function listProcesses(): readonly number[] | undefined {
  try {
    return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []))
  } catch {
    // Not Linux: processes are known by their group alone.
    return undefined
  }
}

interface Stat {
  readonly state: string
  readonly parent: number
  readonly group: number
  readonly began: string
}

function statOf(pid: number): Stat | undefined {
  const text = read(`/proc/${pid}/stat`)
  if (text === undefined) return undefined
  // The name before them is in brackets and may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { state: fields[0] ?? '', parent: Number(fields[1]), group: Number(fields[2]), began: fields[19] ?? '' }
}

function kilobytes(pid: number, file: 'status' | 'smaps_rollup', field: string): number | undefined {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(read(`/proc/${pid}/${file}`) ?? '')
  return found === null ? undefined : Number(found[1])
}

/** Undefined of a process that has ended, or belongs to somebody else. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function send(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, signal)
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException
    // EPERM of a group: all that is left of it is a process that is about to be gone, or somebody else's.
    if (code !== 'ESRCH' && code !== 'EPERM') throw thrown
  }
}

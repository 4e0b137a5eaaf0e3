import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { delimiter, dirname } from 'node:path'
import process from 'node:process'

export interface Said {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The environment of somebody who just opened a terminal, with this node first in the path; whom node trusts is a matter of the machine. */
function freshEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|INIT_CWD$|NODE_(?!EXTRA_CA_CERTS$)|VITEST|TRUELINE_)/i.test(name),
  )
  return { ...Object.fromEntries(kept), PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH']}` }
}

/** Starts a command line in a shell, as a process group of its own. */
export function startInShell(line: string, folder: string): ChildProcess {
  return spawn('bash', ['-e', '-c', line], {
    cwd: folder,
    env: freshEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
}

/** Runs a command line in a shell to its end. */
export async function runInShell(line: string, folder: string): Promise<Said> {
  const child = startInShell(line, folder)
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout, stderr }
}

/** Resolves when a command says the words on stdout; rejects with all that it said when it ends before. */
export function untilItSays(child: ChildProcess, words: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    const listen = (text: Buffer): void => {
      said += text
      if (said.includes(words)) resolve()
    }
    child.stdout?.on('data', listen)
    child.stderr?.on('data', listen)
    child.on('exit', (code) => reject(new Error(`it ended with ${code} without '${words}': ${said}`)))
  })
}

/** Ends a command as Ctrl-C does, with all that it started. */
export async function interrupt(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  process.kill(-child.pid, 'SIGINT')
  await once(child, 'exit')
}

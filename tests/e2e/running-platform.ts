import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import process from 'node:process'

/** A platform in a process of its own. */
export interface RunningPlatform {
  readonly pid: number
  readonly url: string
  /** Ends the process and resolves to its exit code; null when the signal ended it. */
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>
}

const main = resolve(import.meta.dirname, '../../src/platform/cli/main.ts')
export const shopConfig = join(import.meta.dirname, 'shop.config.ts')

/** Runs `trueline up` over a data directory, on a port that is free, and resolves when it says where it is. */
export async function startPlatform(
  directory: string,
  config = shopConfig,
  env: NodeJS.ProcessEnv = {},
): Promise<RunningPlatform> {
  const options = ['--config', config, '--directory', directory, '--port', '0', '--json']
  const child: ChildProcess = spawn(process.execPath, [main, 'up', ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  const exited = once(child, 'exit')
  let words = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    words += text
  })
  const url = await new Promise<string>((settle, reject) => {
    let text = ''
    child.stdout!.setEncoding('utf8').on('data', (part: string) => {
      text += part
      if (!text.includes('\n')) return
      const { url, error } = JSON.parse(text) as { url?: string; error?: string }
      if (url === undefined) reject(new Error(error))
      else settle(url)
    })
    exited.then(() => reject(new Error(`The platform did not start: ${words}`)), reject)
  })
  return {
    pid: child.pid!,
    url,
    async stop(signal) {
      child.kill(signal)
      const [code] = await exited
      return code as number | null
    },
  }
}

import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'

/** A real demo in a process of its own. */
export interface DemoProcess {
  /** Where its console is, from the moment that it serves. */
  readonly url: string
  /** Resolves when the rehearsal has ended; the platform stays up. */
  readonly rehearsed: Promise<void>
  close(): Promise<void>
}

const main = resolve(import.meta.dirname, '../../src/platform/cli/main.ts')
/** Nine days with a tenth of the flights: two trainings, a rollback drill, outcomes that mature. */
const args = ['demo', '--until', '2001-02-10', '--rows', '300000', '--port', '7760']

/** Starts the demo in an empty folder; resolves when its console can be opened. */
export async function startDemo(): Promise<DemoProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'trueline-browser-'))
  const child = spawn(process.execPath, [main, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  const ended = new Promise<void>((done) => child.once('exit', () => done()))
  const says = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((done, fail) => {
      const look = (): void => {
        const match = pattern.exec(said)
        if (match !== null) done(match)
      }
      child.stdout.on('data', look)
      child.stderr.on('data', look)
      child.once('exit', (code) => fail(new Error(`the demo ended with code ${code}: ${said}`)))
      look()
    })
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  const [, url = ''] = await says(/console: (\S+)/)
  const rehearsed = says(/The platform is up/).then(() => undefined)
  // Whoever does not wait for it must not be ended by it.
  rehearsed.catch(() => undefined)
  return {
    url,
    rehearsed,
    async close() {
      child.kill('SIGINT')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

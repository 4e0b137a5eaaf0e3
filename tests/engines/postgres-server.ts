import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { freePort } from '../../scripts/free-port.ts'

const INSTALLED = '/usr/lib/postgresql'

/** A PostgreSQL server of its own, on a port of the loopback, with its data in a folder that goes with it. */
export interface PostgresServer {
  readonly url: string
  readonly pid: number
  /** A connection that the caller ends. */
  connect(): Promise<Client>
  /** Ends the server at once, as a power cut does. */
  kill(): Promise<void>
  /** Starts it again over the same data. */
  start(): Promise<void>
  close(): Promise<void>
}

/**
 * Starts a server: that of Debian, which is installed when this runs as root and there is none.
 * @throws Error that says how to get one
 */
export async function startPostgres(): Promise<PostgresServer> {
  const programs = installed() ?? install()
  if (programs === undefined)
    throw new Error(
      `There is no PostgreSQL server below ${INSTALLED}, and it could not be installed from here. Install one: apt-get install postgresql`,
    )
  const folder = await mkdtemp(join(tmpdir(), 'trueline-postgres-'))
  const user = serverUser()
  if (user !== undefined) chownSync(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  const made = spawnSync(join(programs, 'initdb'), ['-D', data, '-U', 'postgres', '--auth=trust', '-N', '-E', 'UTF8'], {
    ...user,
    cwd: folder,
    encoding: 'utf8',
  })
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr || made.error?.message}`)
  const port = await freePort()
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  let server: ChildProcess | undefined

  async function end(signal: 'SIGKILL' | 'SIGINT'): Promise<void> {
    const ending = server
    server = undefined
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return
    const exited = once(ending, 'exit')
    ending.kill(signal)
    await exited
  }

  async function connect(): Promise<Client> {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 })
    client.on('error', () => undefined)
    await client.connect()
    return client
  }

  const postgres: PostgresServer = {
    url,
    get pid() {
      return server!.pid!
    },
    connect,
    kill: () => end('SIGKILL'),
    async start() {
      const options = {
        port: String(port),
        listen_addresses: '127.0.0.1',
        unix_socket_directories: folder,
        fsync: 'off',
      }
      const settings = Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`])
      let words = ''
      server = spawn(join(programs, 'postgres'), ['-D', data, ...settings], {
        ...user,
        cwd: folder,
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      server.stderr!.setEncoding('utf8').on('data', (text: string) => {
        words = `${words}${text}`.slice(-4000)
      })
      for (let attempt = 0; attempt < 300; attempt += 1) {
        if (server.exitCode !== null) break
        const client = await connect().catch(() => undefined)
        if (client !== undefined) {
          await client.end()
          return
        }
        await sleep(100)
      }
      throw new Error(`The PostgreSQL server did not start: ${words}`)
    },
    async close() {
      await end('SIGINT')
      await rm(folder, { recursive: true, force: true })
    },
  }
  try {
    await postgres.start()
    return postgres
  } catch (error) {
    await postgres.close()
    throw error
  }
}

/** The folder of the newest server's programs. */
function installed(): string | undefined {
  if (!existsSync(INSTALLED)) return undefined
  const versions = readdirSync(INSTALLED).sort((a, b) => Number(b) - Number(a))
  return versions.map((version) => join(INSTALLED, version, 'bin')).find((bin) => existsSync(join(bin, 'postgres')))
}

function install(): string | undefined {
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).error !== undefined) return undefined
  console.error('engines: installing postgresql with apt-get, once ...')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'postgresql']]) {
    const result = spawnSync('apt-get', ['-qq', ...args], { stdio: ['ignore', 'ignore', 'inherit'], env })
    if (result.status !== 0) return undefined
  }
  return installed()
}

/** The server refuses to run as root. */
function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'

/** Builds images and runs containers, with all that it keeps in a folder of its own. */
export interface Buildah {
  /** Runs buildah. @throws Error with what it said */
  run(...args: readonly string[]): string
  /** Starts a program in a container; its end is told by `ended`, with the exit code. */
  start(container: string, command: readonly string[]): RunningProgram
}

export interface RunningProgram {
  /** What it wrote so far. */
  readonly output: () => string
  readonly ended: Promise<number>
  /** Asks the program itself to end, as whoever runs containers does. */
  stop(): void
}

/**
 * Buildah of Debian, which is installed when this runs as root and there is none.
 * @throws Error that says how to get it
 */
export function openBuildah(folder: string): Buildah {
  if (spawnSync('buildah', ['--version']).status !== 0) install()
  // Of all kinds of storage this one needs nothing of the machine.
  const storage = ['--root', join(folder, 'storage'), '--runroot', join(folder, 'run'), '--storage-driver', 'vfs']
  return {
    run(...args) {
      const { status, stdout, stderr, error } = spawnSync('buildah', [...storage, ...args], { encoding: 'utf8' })
      if (status === 0) return stdout.trim()
      throw new Error(`buildah ${args.join(' ')} failed: ${error?.message ?? ''} ${stderr}`)
    },
    start(container, command) {
      const child = spawn('buildah', [...storage, 'run', '--isolation', 'chroot', container, '--', ...command])
      const parts: string[] = []
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (part: string) => parts.push(part))
      return {
        output: () => parts.join(''),
        ended: once(child, 'close').then(([code]) => Number(code)),
        stop() {
          if (child.exitCode === null) process.kill(innermost(child.pid!), 'SIGTERM')
        },
      }
    },
  }
}

/** The last of the processes that one has started by way of others. */
function innermost(pid: number): number {
  // Any thread may have started it.
  const children = readdirSync(`/proc/${pid}/task`).flatMap(
    (thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').match(/\d+/g) ?? [],
  )
  return children[0] === undefined ? pid : innermost(Number(children[0]))
}

function install(): void {
  if (process.getuid?.() === 0) {
    console.error('engines: installing buildah from Debian, once ...')
    spawnSync('apt-get', ['update'], { stdio: 'ignore' })
    spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'buildah'], { stdio: 'ignore' })
  }
  if (spawnSync('buildah', ['--version']).status !== 0)
    throw new Error('There is no buildah, and it could not be installed from here. Install it: apt-get install buildah')
}

/**
 * Builds a base from nothing but node, stripped, and the libraries that it and the given files are linked to.
 * @returns its reference by digest
 */
export function buildBase(buildah: Buildah, folder: string, linked: readonly string[]): string {
  const root = join(folder, 'base')
  const node = join(root, 'usr/bin/node')
  mkdirSync(dirname(node), { recursive: true })
  copyFileSync(realpathSync(process.execPath), node)
  spawnSync('strip', [node])
  for (const file of [process.execPath, ...linked])
    for (const library of librariesOf(file)) {
      mkdirSync(join(root, dirname(library)), { recursive: true })
      copyFileSync(library, join(root, library))
    }
  mkdirSync(join(root, 'tmp'), { mode: 0o777 })
  const name = 'trueline-node-base'
  const container = buildah.run('from', 'scratch')
  buildah.run('copy', container, root, '/')
  buildah.run('config', '--env', 'PATH=/usr/bin', container)
  buildah.run('commit', '--rm', container, name)
  const images = JSON.parse(buildah.run('images', '--json', name)) as { readonly digest: string }[]
  return `localhost/${name}@${images[0]!.digest}`
}

function librariesOf(file: string): string[] {
  const { stdout } = spawnSync('ldd', [file], { encoding: 'utf8' })
  return [...stdout.matchAll(/(\/lib\S+)/g)].map(([, path]) => path!).filter((path) => existsSync(path))
}

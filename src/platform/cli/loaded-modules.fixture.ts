import { execFile } from 'node:child_process'
import process from 'node:process'
import { promisify } from 'node:util'

/** Tells at the end which packages a program has loaded, how many files of ours, and whether node's own client of `fetch`. */
const watcher = `
  import { registerHooks } from 'node:module'
  const packages = new Set()
  let own = 0
  registerHooks({
    load(url, context, next) {
      const [, name] = /.*node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url) ?? []
      if (name !== undefined) packages.add(name)
      if (/typebox\\/build\\/value\\//.test(url)) packages.add('typebox/value')
      else if (name === undefined && url.startsWith('file:')) own += 1
      return next(url, context)
    },
  })
  process.on('exit', () => {
    const fetches = process.moduleLoadList.some((name) => name.endsWith('deps/undici/undici'))
    process.stderr.write(JSON.stringify({ packages: [...packages], own, fetches }))
  })`

export interface Loaded {
  readonly stdout: string
  readonly packages: readonly string[]
  /** Files that are of no package below this one. */
  readonly own: number
  readonly fetches: boolean
}

/** Runs a program of node's, which says nothing on stderr, to its end. */
export async function loadedBy(program: string, words: readonly string[]): Promise<Loaded> {
  const preload = `data:text/javascript,${encodeURIComponent(watcher)}`
  const command = [process.execPath, ['--import', preload, program, ...words]] as const
  const { stdout, stderr } = await promisify(execFile)(...command).catch((ended) => ended)
  return { stdout, ...JSON.parse(stderr) }
}

import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempDisposable } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { takeLock } from '../../stores/directory/lock.ts'
import { lockPath, writeOwner } from '../../stores/directory/owner.ts'

/** Tells which packages a program loads, and how many modules of ours. */
const watcher = `
  import { registerHooks } from 'node:module'
  const packages = new Set()
  let own = 0
  registerHooks({
    load(url, context, next) {
      const [, name] = /node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url) ?? []
      if (name !== undefined) packages.add(name)
      if (/typebox\\/build\\/value\\//.test(url)) packages.add('typebox/value')
      else if (url.startsWith('file:')) own += 1
      return next(url, context)
    },
  })
  process.on('exit', () => process.stderr.write(JSON.stringify({ packages: [...packages], own })))`

interface Loaded {
  readonly stdout: string
  readonly packages: readonly string[]
  readonly own: number
}

async function run(...words: string[]): Promise<Loaded> {
  const main = join(import.meta.dirname, 'main.ts')
  const preload = `data:text/javascript,${encodeURIComponent(watcher)}`
  const command = [process.execPath, ['--import', preload, main, ...words]] as const
  const { stdout, stderr } = await promisify(execFile)(...command).catch((ended) => ended)
  return { stdout, ...JSON.parse(stderr) }
}

test('a command loads what it needs: to say what it takes, nothing but the parser of its arguments', async () => {
  const { stdout, packages, own } = await run('--help')
  expect(stdout).toContain('Usage: trueline')
  expect(packages).toEqual(['commander'])
  expect(own).toBeLessThan(150)
})

test('one that asks a running platform loads nothing of what answers', async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'trueline-startup-'))
  await using server = createServer((_, response) => response.end('{"models":[]}')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const lock = takeLock(lockPath(directory.path))
  await writeOwner(directory.path, {
    pid: process.pid,
    version: '1',
    started_at: '2001-01-01T00:00:00Z',
    url: `http://127.0.0.1:${port}`,
  })
  const { stdout, packages } = await run('models', '--directory', directory.path, '--json')
  lock?.release()
  expect(JSON.parse(stdout)).toEqual({ models: [] })
  expect(packages).toEqual(['commander'])
})

test('one that opens a platform loads no server, no other database, and nothing that computes figures nobody asked for', async () => {
  const { stdout, packages } = await run('models', '--config', 'none.ts', '--json')
  expect(JSON.parse(stdout)).toMatchObject({ code: 'config_not_found' })
  expect(packages).toEqual(expect.arrayContaining(['@duckdb/node-api', 'kysely']))
  const spared = /^(@stdlib|pg$|prom-client$|fastify$|onnxruntime-node$|yaml$|typebox\/value$)/
  expect(packages.filter((name) => spared.test(name))).toEqual([])
})

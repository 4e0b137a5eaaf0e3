import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempDisposable } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { expect, test } from 'vitest'
import { takeLock } from '../../stores/directory/lock.ts'
import { lockPath, writeOwner } from '../../stores/directory/owner.ts'
import { type Loaded, loadedBy } from './loaded-modules.fixture.ts'

const run = (...words: string[]): Promise<Loaded> => loadedBy(join(import.meta.dirname, 'main.ts'), words)

test('a command loads what it needs: to say what it takes, nothing but the parser of its arguments', async () => {
  const { stdout, packages, own, fetches } = await run('--help')
  expect(stdout).toContain('Usage: trueline')
  expect(fetches).toBe(false)
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
  const { stdout, packages, fetches } = await run('models', '--directory', directory.path, '--json')
  lock?.release()
  expect(JSON.parse(stdout)).toEqual({ models: [] })
  expect(fetches).toBe(false)
  expect(packages).toEqual(['commander'])
})

test('one that opens a platform loads no server, no other database, and nothing that computes figures nobody asked for', async () => {
  const { stdout, packages } = await run('models', '--config', 'none.ts', '--json')
  expect(JSON.parse(stdout)).toMatchObject({ code: 'config_not_found' })
  expect(packages).toEqual(expect.arrayContaining(['@duckdb/node-api', 'kysely']))
  const spared = /^(@stdlib|pg$|prom-client$|fastify$|onnxruntime-node$|yaml$|typebox\/value$)/
  expect(packages.filter((name) => spared.test(name))).toEqual([])
})

test('an older node is told which one is needed, also where it lacks what a newer one has', () => {
  // Node 20 has no compile cache, and refuses a program that imports it by name before it runs a line of it.
  const older = `
    import { registerHooks } from 'node:module'
    const versions = { ...process.versions, node: '20.20.2' }
    Object.defineProperty(process, 'versions', { value: versions })
    registerHooks({
      resolve(name, context, next) {
        if (name !== 'node:module') return next(name, context)
        return { url: 'data:text/javascript,export default {}', shortCircuit: true }
      },
    })`
  const preload = `data:text/javascript,${encodeURIComponent(older)}`
  const words = ['--import', preload, join(import.meta.dirname, 'main.ts'), '--help']
  const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' })
  expect(stderr).toBe(
    'Trueline needs node 24 or newer; this is node 20.20.2. Install node 24 and run the command again.\n',
  )
  expect(status).toBe(1)
})

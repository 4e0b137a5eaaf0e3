// The same calls to MLflow's own server and to ours: what they answer is the same but for ids and times.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { freePort } from '../../scripts/free-port.ts'
import { trackingServer } from '../../src/platform/api/mlflow/tracking-server.fixture.ts'
import { temporaryFolder } from '../e2e/shop-fixture.ts'
import { type BesideCall, besideCalls } from './mlflow-beside-calls.ts'
import type { Check } from './suite.ts'

const PATIENCE_MS = 180_000
const POLL_MS = 200
/** What one of the two says and clients can do without, the words of errors, and what only its own server can read. */
const NOT_COMPARED = new Set([
  ...['error_class', 'sqlstate', 'workspace', 'user_id', 'model_id', 'message', 'next_page_token'],
])
/** Times of a clock, theirs or ours; those of runs and metrics are given with the calls. */
const CLOCK_FIELDS = /^(?:creation|last_updated?)_time(?:stamp(?:_ms)?)?$/

interface Answer {
  readonly status: number
  readonly body: unknown
}

/** One server of the two, with the ids that it gave by the names that calls know them by. */
interface Side {
  readonly url: string
  readonly ids: Map<string, string>
}

/**
 * Compares status, code and body of every call.
 * @param bin folder of the programs of a Python with MLflow
 */
export async function checkBeside(bin: string, check: Check): Promise<void> {
  await using folder = await temporaryFolder()
  await using ours = await trackingServer()
  await using theirs = await mlflowServer(bin, folder.path)
  const sides = [theirs.url, ours.url].map((url): Side => ({ url, ids: new Map() }))
  await check(`${besideCalls.length} calls are answered as by MLflow's own server`, async () => {
    const differences: string[] = []
    for (const call of besideCalls) {
      const [expected, actual] = await Promise.all(sides.map((side) => send(side, call)))
      const [theirText, ourText] = [JSON.stringify(expected), JSON.stringify(actual)]
      if (theirText !== ourText) differences.push(`${JSON.stringify(call)}\n  MLflow ${theirText}\n  ours   ${ourText}`)
    }
    assert.equal(differences.length, 0, `\n${differences.join('\n')}`)
  })
}

async function mlflowServer(bin: string, folder: string) {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const args = ['server', '--backend-store-uri', `sqlite:///${join(folder, 'mlflow.db')}`, '--workers', '1']
  const place = ['--artifacts-destination', join(folder, 'artifacts'), '--host', '127.0.0.1', '--port', String(port)]
  const env = { ...process.env, MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false', MLFLOW_DISABLE_TELEMETRY: 'true' }
  // Its workers are processes of their own: they end as a group.
  const child = spawn(join(bin, 'mlflow'), [...args, ...place], { env, cwd: folder, stdio: 'ignore', detached: true })
  const ended = once(child, 'exit')
  const end = async () => {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    await ended
  }
  const until = performance.now() + PATIENCE_MS
  while (!(await isUp(url))) {
    if (performance.now() > until || child.exitCode !== null) {
      await end()
      throw new Error(`the server of MLflow did not start at ${url}`)
    }
    await setTimeout(POLL_MS)
  }
  return { url, [Symbol.asyncDispose]: end }
}

async function isUp(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health`)).ok
  } catch {
    return false
  }
}

async function send({ url, ids }: Side, [method, path, fields = {}, saved]: BesideCall): Promise<Answer> {
  const named = (text: string) => text.replaceAll(/\$(\w+)/g, (_, name: string) => ids.get(name) ?? name)
  const given = JSON.parse(named(JSON.stringify(fields))) as Record<string, string>
  const query = method === 'GET' ? `?${new URLSearchParams(given)}` : ''
  const rest = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(given) }
  const address = `${url}${path.startsWith('/') ? '' : '/api/2.0/mlflow/'}${named(path)}${query}`
  const answer = await fetch(address, { method, ...(method === 'GET' ? {} : rest) })
  const text = await answer.text()
  const body = (text === '' ? {} : JSON.parse(text)) as unknown
  if (saved !== undefined) {
    const [name, where] = saved
    const id = where.split('.').reduce<unknown>((inner, key) => (inner as Record<string, unknown>)?.[key], body)
    assert.equal(typeof id, 'string', `${address}: ${text}`)
    ids.set(name, id as string)
  }
  return { status: answer.status, body: comparable(body, [...ids]) }
}

/** An answer without ids and times of its server, with its members in one order, and without what is empty. */
function comparable(value: unknown, ids: readonly (readonly [string, string])[], field = ''): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => comparable(item, ids))
    const isSet = ['tags', 'params', 'aliases'].includes(field)
    return isSet ? items.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : items
  }
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).filter(([name]) => !NOT_COMPARED.has(name))
    const told = members.map(([name, inner]) => [name, comparable(inner, ids, name)] as const)
    const full = told.filter(([, inner]) => !['""', '[]', '{}'].includes(JSON.stringify(inner)))
    return Object.fromEntries(full.toSorted(([a], [b]) => (a < b ? -1 : 1)))
  }
  if (CLOCK_FIELDS.test(field)) return 'a time'
  if (typeof value !== 'string') return value
  return ids.reduce((text, [name, id]) => (id.length > 8 ? text.replaceAll(id, `$${name}`) : text), value)
}

import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import type { ErrorBody } from '../../src/platform/api/contract.ts'
import { alertDetail } from './fixture-alerts.ts'
import { openApiFixture } from './fixture-api.ts'
import { cataloguePage, featureDetail } from './fixture-features.ts'
import { letterDetail, letterPage } from './fixture-letters.ts'
import { operationsAnswer } from './fixture-operations.ts'
import { predictionsAnswer } from './fixture-predictions.ts'
import { streamQuality } from './fixture-quality.ts'
import { readinessAnswer } from './fixture-readiness.ts'
import { registryAnswer } from './fixture-registry.ts'
import { retrainingHistory, retrainingStatus } from './fixture-retraining.ts'
import { alertPage, type Scenario, scenarios } from './fixture-scenarios.ts'
import { simulationsAnswer } from './fixture-simulations.ts'
import { sourcesAnswer } from './fixture-sources.ts'

/** A running fixture: the built console over generated data, each scenario under a path of its own. */
export interface Fixture {
  readonly url: string
  close(): Promise<void>
}

const consoleFolder = join(import.meta.dirname, '../../dist/console')
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
}

/** Serves every scenario at `/NAME/` on a free port, or on the one given. */
export async function startFixture(port = 0): Promise<Fixture> {
  const worlds = new Map(Object.entries(scenarios).map(([name, make]) => [name, make()]))
  const server = createServer((request, response) => {
    const { status, type, body } = answerTo(worlds, new URL(request.url ?? '/', 'http://127.0.0.1'))
    response.writeHead(status, { 'content-type': type }).end(body)
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string | Uint8Array
}

/** The scenario `failing` has the console, but every reading of it fails with a coded error. */
function answerTo(worlds: ReadonlyMap<string, Scenario>, { pathname, searchParams }: URL): Answer {
  const [, name = '', ...rest] = pathname.split('/')
  const path = rest.join('/')
  const world = worlds.get(name)
  if (world === undefined && name !== 'failing') return json(404, notFound(pathname))
  if (path === 'openapi.json' && world !== undefined) return json(200, openApiFixture(world.fleet().models.length > 0))
  if (!path.startsWith('api/')) return file(path === '' ? 'index.html' : path)
  return world === undefined ? json(503, logUnavailable) : reading(world, path, searchParams)
}

function reading(world: Scenario, path: string, query: URLSearchParams): Answer {
  if (path === 'api/v1/fleet') return json(200, world.fleet())
  if (path === 'api/v1/alerts') return json(200, alertPage(world.alerts(), query))
  const [, alert] = /^api\/v1\/alerts\/([^/]+)$/.exec(path) ?? []
  const raised = world.alerts().find(({ id }) => id === alert)
  if (raised !== undefined) return json(200, alertDetail(raised))
  if (path === 'api/v1/retraining') return json(200, retrainingStatus(world.fleet()))
  if (path === 'api/v1/retraining/history') return json(200, retrainingHistory(world.fleet(), query))
  if (path === 'api/v1/deadletters') {
    const { streams } = world.fleet()
    const asked = streams.length === 0 ? new URLSearchParams('code=none') : query
    return json(
      200,
      letterPage(
        asked,
        streams.filter(({ name }) => name === (query.get('stream') ?? name)),
      ),
    )
  }
  if (path === 'api/v1/features') return json(200, cataloguePage(world.fleet().models.length === 0, query))
  const [, feature] = /^api\/v1\/features\/([^/]+)$/.exec(path) ?? []
  const described = feature === undefined ? undefined : featureDetail(decodeURIComponent(feature))
  if (feature !== undefined) return described === undefined ? json(404, notFound(path)) : json(200, described)
  const [, letter] = /^api\/v1\/deadletters\/(\d+)$/.exec(path) ?? []
  const detail = letter === undefined ? undefined : letterDetail(Number(letter))
  if (letter !== undefined) return detail === undefined ? json(404, notFound(path)) : json(200, detail)
  const [, stream] = /^api\/v1\/streams\/([^/]+)\/quality$/.exec(path) ?? []
  const quality = stream === undefined ? undefined : streamQuality(world.fleet(), decodeURIComponent(stream), query)
  if (stream !== undefined) return quality === undefined ? json(404, notFound(path)) : json(200, quality)
  const more =
    operationsAnswer(world.fleet(), path, query) ??
    readinessAnswer(world.fleet(), path) ??
    simulationsAnswer(world.fleet(), path, query) ??
    sourcesAnswer(world.fleet(), path, query) ??
    predictionsAnswer(world.fleet(), path, query) ??
    registryAnswer(world, path, query)
  if (more !== undefined) return json(200, more)
  const [, name, part] = /^api\/v1\/models\/([^/]+)\/(health|versions)$/.exec(path) ?? []
  if (name === undefined) return json(404, notFound(path))
  const model = decodeURIComponent(name)
  const number = (key: string): number | undefined => (query.has(key) ? Number(query.get(key)) : undefined)
  const offset = number('offset') ?? 0
  if (part === 'versions') {
    const versions = world.versions(model)
    return json(200, {
      total: versions.length,
      logged: [],
      versions: versions.slice(offset, offset + (number('limit') ?? 10)),
    })
  }
  const [from, to] = [number('from'), number('to')]
  const range = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) }
  const health = world.health(model, { ...range, features: number('features') ?? 10, offset })
  return health === undefined ? json(404, unknownModel(model)) : json(200, health)
}

function file(path: string): Answer {
  const type = types[extname(path)]
  const place = join(consoleFolder, normalize(`/${path}`))
  if (type === undefined || !existsSync(place)) return json(404, notFound(path))
  return { status: 200, type, body: readFileSync(place) }
}

function json(status: number, body: unknown): Answer {
  return { status, type: 'application/json; charset=utf-8', body: JSON.stringify(body) }
}

const logUnavailable: ErrorBody = {
  error: 'The event log cannot be written: the disk is full.',
  code: 'log_unavailable',
  path: '.trueline/log.db',
  remedy: 'Free space on the disk of the data directory and start again; nothing that was acknowledged is lost.',
}

function notFound(path: string): ErrorBody {
  return {
    error: `Nothing is at ${path}.`,
    code: 'not_found',
    remedy: `Use one of: ${Object.keys(scenarios).join(', ')}`,
  }
}

function unknownModel(model: string): ErrorBody {
  return {
    error: `There is no model '${model}'.`,
    code: 'unknown_model',
    remedy: 'Use the name of a model of the project; `trueline models` lists them.',
  }
}

import { useSyncExternalStore } from 'react'
import { writeTime } from './time/range.ts'

/** Pages whose address is their name. */
const plainPages = [
  'retraining',
  'registry',
  'readiness',
  'operations',
  'decisions',
  'sources',
  'alerts',
  'audit',
  'predictions',
] as const

/** Where the console is: what the part of the address after `#` says, so that any link can be shared. */
export type Route =
  | { readonly page: 'fleet'; readonly query: URLSearchParams }
  | { readonly page: 'model'; readonly model: string; readonly query: URLSearchParams }
  | { readonly page: 'stream'; readonly stream: string; readonly query: URLSearchParams }
  | { readonly page: 'features'; readonly query: URLSearchParams }
  | { readonly page: 'feature'; readonly feature: string; readonly query: URLSearchParams }
  | { readonly page: 'api'; readonly query: URLSearchParams }
  | { readonly page: 'lineage'; readonly query: URLSearchParams }
  | { readonly page: 'runs'; readonly query: URLSearchParams }
  | { readonly page: 'run'; readonly run: string; readonly query: URLSearchParams }
  | { readonly page: 'deadletters'; readonly query: URLSearchParams }
  | { readonly page: 'deadletter'; readonly letter: number; readonly query: URLSearchParams }
  | { readonly page: (typeof plainPages)[number]; readonly query: URLSearchParams }
  | { readonly page: 'registered' | 'modelreadiness'; readonly model: string; readonly query: URLSearchParams }
  | { readonly page: 'version'; readonly model: string; readonly version: number; readonly query: URLSearchParams }
  | { readonly page: 'batchrun'; readonly run: string; readonly query: URLSearchParams }
  | { readonly page: 'loadtest' | 'simulation'; readonly number: number; readonly query: URLSearchParams }
  | { readonly page: 'source'; readonly source: string; readonly query: URLSearchParams }
  | { readonly page: 'alert'; readonly alert: string; readonly query: URLSearchParams }
  | { readonly page: 'prediction'; readonly prediction: string; readonly query: URLSearchParams }
  | { readonly page: 'unknown'; readonly path: string; readonly query: URLSearchParams }

/** Reads an address such as `#/models/late_flight?range=30d&zone=Europe%2FBerlin`. */
export function parseRoute(hash: string): Route {
  const [path = '', search = ''] = splitOnce(hash.replace(/^#/, ''), '?')
  const query = new URLSearchParams(search)
  if (path === '' || path === '/') return { page: 'fleet', query }
  if (path === '/features') return { page: 'features', query }
  if (path === '/api') return { page: 'api', query }
  if (path === '/lineage') return { page: 'lineage', query }
  if (path === '/runs') return { page: 'runs', query }
  if (path === '/deadletters') return { page: 'deadletters', query }
  const plain = plainPages.find((page) => path === `/${page}`)
  if (plain !== undefined) return { page: plain, query }
  const batch = /^\/batches\/(b\d{1,15})$/.exec(path)?.[1]
  if (batch !== undefined) return { page: 'batchrun', run: batch, query }
  const test = /^\/load-tests\/(\d{1,15})$/.exec(path)?.[1]
  if (test !== undefined) return { page: 'loadtest', number: Number(test), query }
  const simulation = /^\/simulations\/(\d{1,15})$/.exec(path)?.[1]
  if (simulation !== undefined) return { page: 'simulation', number: Number(simulation), query }
  const logged = /^\/experiments\/(\w+)(?:\/runs\/(\w+))?$/.exec(path)
  if (logged !== null) {
    const [, experiment = '', run] = logged
    return run === undefined ? { page: 'runs', query: ofExperiment(query, experiment) } : { page: 'run', run, query }
  }
  const run = /^\/runs\/([\w-]+)$/.exec(path)?.[1]
  if (run !== undefined) return { page: 'run', run, query }
  const letter = /^\/deadletters\/(\d{1,15})$/.exec(path)?.[1]
  if (letter !== undefined) return { page: 'deadletter', letter: Number(letter), query }
  const [, kind, name, version] =
    /^\/(models|streams|features|registry|readiness|sources|alerts|predictions)\/([^/]+)(?:\/(\d{1,15}))?$/.exec(
      path,
    ) ?? []
  if (name === undefined || (version !== undefined && kind !== 'registry')) return { page: 'unknown', path, query }
  try {
    const named = decodeURIComponent(name)
    if (kind === 'models') return { page: 'model', model: named, query }
    if (kind === 'streams') return { page: 'stream', stream: named, query }
    if (kind === 'features') return { page: 'feature', feature: named, query }
    if (kind === 'sources') return { page: 'source', source: named, query }
    if (kind === 'alerts') return { page: 'alert', alert: named, query }
    if (kind === 'predictions') return { page: 'prediction', prediction: named, query }
    if (kind === 'readiness') return { page: 'modelreadiness', model: named, query }
    if (version === undefined) return { page: 'registered', model: named, query }
    return { page: 'version', model: named, version: Number(version), query }
  } catch {
    return { page: 'unknown', path, query }
  }
}

/** MLflow's client prints addresses as its own page has them: here an experiment is a choice of the table of runs. */
function ofExperiment(query: URLSearchParams, experiment: string): URLSearchParams {
  const asked = new URLSearchParams(query)
  asked.set('experiment', experiment)
  return asked
}

/** The address of the fleet; of the query, only what holds for all pages is kept. */
export function fleetLink(query: URLSearchParams): string {
  return `#/${lasting(query)}`
}

/** The address of a model's health; of the query, only what holds for all pages is kept. */
export function modelLink(model: string, query: URLSearchParams): string {
  return `#/models/${encodeURIComponent(model)}${lasting(query)}`
}

/** The address of a model's health between two times, microseconds. */
export function modelLinkAt(model: string, query: URLSearchParams, from: number, to: number): string {
  const kept = new URLSearchParams(lasting(query).slice(1))
  kept.set('from', writeTime(from))
  kept.set('to', writeTime(to))
  return `#/models/${encodeURIComponent(model)}${asSearch(kept)}`
}

/** The address of a stream's quality; of the query, only what holds for all pages is kept. */
export function streamLink(stream: string, query: URLSearchParams): string {
  return `#/streams/${encodeURIComponent(stream)}${lasting(query)}`
}

/** The address of the catalogue of features. */
export function featuresLink(query: URLSearchParams): string {
  return `#/features${lasting(query)}`
}

/** The address of a feature of the catalogue, by its id. */
export function featureLink(feature: string, query: URLSearchParams): string {
  return `#/features/${encodeURIComponent(feature)}${lasting(query)}`
}

/** The address of what can be asked over HTTP; with one operation open where it is named. */
export function apiLink(query: URLSearchParams, operation?: string): string {
  const kept = new URLSearchParams(lasting(query).slice(1))
  if (operation !== undefined) kept.set('operation', operation)
  return `#/api${asSearch(kept)}`
}

/** The address of the lineage, of one thing where it is named. */
export function lineageLink(of: string | undefined, query: URLSearchParams): string {
  const kept = new URLSearchParams(lasting(query).slice(1))
  if (of !== undefined) kept.set('of', of)
  return `#/lineage${asSearch(kept)}`
}

/** The address of the runs of all experiments. */
export function runsLink(query: URLSearchParams): string {
  return `#/runs${lasting(query)}`
}

/** The address of a run. */
export function runLink(run: string, query: URLSearchParams): string {
  return `#/runs/${run}${lasting(query)}`
}

/** The address of the page of retraining. */
export function retrainingLink(query: URLSearchParams): string {
  return `#/retraining${lasting(query)}`
}

/** The address of the registered models. */
export function registryLink(query: URLSearchParams): string {
  return `#/registry${lasting(query)}`
}

/** The address of a registered model, or of one of its versions. */
export function registeredLink(query: URLSearchParams, model: string, version?: number): string {
  const of = version === undefined ? '' : `/${version}`
  return `#/registry/${encodeURIComponent(model)}${of}${lasting(query)}`
}

/** The address of the readiness of all models. */
export function readinessLink(query: URLSearchParams): string {
  return `#/readiness${lasting(query)}`
}

/** The address of the readiness of a model. */
export function modelReadinessLink(model: string, query: URLSearchParams): string {
  return `#/readiness/${encodeURIComponent(model)}${lasting(query)}`
}

/** The address of batches, streams, promises and load tests. */
export function operationsLink(query: URLSearchParams): string {
  return `#/operations${lasting(query)}`
}

/** The address of a run of a batch. */
export function batchRunLink(run: string, query: URLSearchParams): string {
  return `#/batches/${run}${lasting(query)}`
}

/** The address of a load test. */
export function loadTestLink(number: number, query: URLSearchParams): string {
  return `#/load-tests/${number}${lasting(query)}`
}

/** The address of a comparison of policies of retraining. */
export function simulationLink(number: number, query: URLSearchParams): string {
  return `#/simulations/${number}${lasting(query)}`
}

/** The address of what people decide in the place of models. */
export function decisionsLink(query: URLSearchParams): string {
  return `#/decisions${lasting(query)}`
}

/** The address of the sources. */
export function sourcesLink(query: URLSearchParams): string {
  return `#/sources${lasting(query)}`
}

/** The address of one source. */
export function sourceLink(source: string, query: URLSearchParams): string {
  return `#/sources/${encodeURIComponent(source)}${lasting(query)}`
}

/** The address of the alerts, open ones and those of the past. */
export function alertsLink(query: URLSearchParams): string {
  return `#/alerts${lasting(query)}`
}

/** The address of one alert. */
export function alertLink(alert: string, query: URLSearchParams): string {
  return `#/alerts/${encodeURIComponent(alert)}${lasting(query)}`
}

/** The address of the audit log. */
export function auditLink(query: URLSearchParams): string {
  return `#/audit${lasting(query)}`
}

/** The address of the logged predictions, of those about one entity where it is named, as COLUMN=VALUE. */
export function predictionsLink(query: URLSearchParams, entity?: string): string {
  const kept = new URLSearchParams(lasting(query).slice(1))
  if (entity !== undefined) kept.set('entity', entity)
  return `#/predictions${asSearch(kept)}`
}

/** The address of the logged predictions of a model between two times, microseconds. */
export function predictionsLinkAt(model: string, query: URLSearchParams, from: number, to: number): string {
  const kept = new URLSearchParams(lasting(query).slice(1))
  kept.set('model', model)
  kept.set('from', writeTime(from))
  kept.set('to', writeTime(to))
  return `#/predictions${asSearch(kept)}`
}

/** The address of one logged prediction. */
export function predictionLink(prediction: string, query: URLSearchParams): string {
  return `#/predictions/${encodeURIComponent(prediction)}${lasting(query)}`
}

/** The page of what an act was done to; undefined where it has none. */
export function actLink(act: { readonly action: string; readonly target: string }, query: URLSearchParams) {
  const [kind] = act.action.split('.')
  const [, model = act.target, part = ''] = /^(.+)\/([^/]+)$/.exec(act.target) ?? []
  if (kind === 'alert' && /^alert-\d+$/.test(act.target)) return alertLink(act.target, query)
  if (kind === 'source') return sourceLink(act.target, query)
  if (kind === 'version' && /^\d+$/.test(part)) return registeredLink(query, model, Number(part))
  if (act.action === 'model.simulate' && /^\d+$/.test(part)) return simulationLink(Number(part), query)
  if (kind === 'model' || kind === 'retraining') return registeredLink(query, act.target)
  if (act.action === 'decision.override') return predictionLink(part, query)
  if (kind === 'decision') return decisionsLink(query)
  if (kind === 'run') return runLink(act.target, query)
  return kind === 'batch' && /^b\d+$/.test(act.target) ? batchRunLink(act.target, query) : undefined
}

/** The address of the dead letters, of one stream or of all. */
export function deadLettersLink(query: URLSearchParams, stream?: string): string {
  const kept = new URLSearchParams(lasting(query).slice(1))
  if (stream !== undefined) kept.set('stream', stream)
  return `#/deadletters${asSearch(kept)}`
}

/** The address of one dead letter. */
export function deadLetterLink(letter: number, query: URLSearchParams): string {
  return `#/deadletters/${letter}${lasting(query)}`
}

/** The route, current at every render. */
export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => location.hash)
  return parseRoute(hash)
}

/**
 * Changes the query of the address: a value replaces, undefined removes.
 *
 * @param how `push` where the browser's back button should undo the change, else `replace`
 */
export function changeQuery(changes: Readonly<Record<string, string | undefined>>, how: 'push' | 'replace'): void {
  const [path = '', search = ''] = splitOnce(location.hash.replace(/^#/, ''), '?')
  const query = new URLSearchParams(search)
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) query.delete(name)
    else query.set(name, value)
  }
  const address = `#${path === '' ? '/' : path}${asSearch(query)}`
  if (address === location.hash) return
  if (how === 'push') history.pushState(null, '', address)
  else history.replaceState(history.state, '', address)
  for (const listener of listeners) listener()
}

const listeners = new Set<() => void>()

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  // Back and forward between addresses that differ in the hash raise popstate; a hash typed by hand, both events.
  window.addEventListener('popstate', listener)
  window.addEventListener('hashchange', listener)
  return () => {
    listeners.delete(listener)
    window.removeEventListener('popstate', listener)
    window.removeEventListener('hashchange', listener)
  }
}

function lasting(query: URLSearchParams): string {
  const kept = new URLSearchParams()
  const zone = query.get('zone')
  if (zone !== null) kept.set('zone', zone)
  return asSearch(kept)
}

function asSearch(query: URLSearchParams): string {
  const text = query.toString()
  return text === '' ? '' : `?${text}`
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator)
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

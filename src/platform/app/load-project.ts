import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { TruelineError } from '../../core/errors.ts'
import { nearestName } from '../../core/nearest-name.ts'
import { checkProject } from '../../language/define/check-project.ts'
import { collectProject } from '../../language/define/collect-project.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'

/**
 * The project of a config file: every definition that it exports and all that these mention, checked together. The file
 * is a module, TypeScript or JavaScript, and is run once per process.
 * @param path of the file, absolute or from the working directory
 * @throws TruelineError `config_not_found`; `config_invalid` when the file cannot be run or exports no definition; the
 *   codes of `checkProject` for mistakes. `path` names the file, and the line or the definition.
 */
export async function loadProject(path: string): Promise<ProjectDefinition> {
  const file = resolve(path)
  if (!existsSync(file)) throw new TruelineError('config_not_found', `There is no file ${file}.`, { path: file })
  const exported = await importModule(file)
  try {
    const project = collectProject(Object.values(exported).flat())
    if (isEmpty(project)) throw withoutDefinitions()
    checkProject(project)
    return project
  } catch (thrown) {
    throw at(file, thrown)
  }
}

async function importModule(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await withoutTypeWarning(() => import(pathToFileURL(file).href))
  } catch (thrown) {
    const place = placeOf(file, thrown)
    if (thrown instanceof TruelineError) throw at(place, thrown)
    const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)
    const remedy = knownCauses.find(([words]) => message.includes(words))?.[1] ?? (await nearestExport(file, message))
    throw new TruelineError('config_invalid', `${place}: ${message}`, {
      path: place,
      cause: thrown,
      ...(remedy === undefined ? {} : { remedy }),
    })
  }
}

/** Node reads a module beside a package.json without a type well, and says at each command in five lines that it does. */
async function withoutTypeWarning<Result>(work: () => Promise<Result>): Promise<Result> {
  const { emitWarning } = process
  process.emitWarning = (warning: string | Error, ...given: unknown[]): void => {
    const [options] = given as [{ readonly code?: string } | string | undefined]
    if (typeof options === 'object' && options.code === 'MODULE_TYPELESS_PACKAGE_JSON') return
    Reflect.apply(emitWarning, process, [warning, ...given])
  }
  try {
    return await work()
  } finally {
    process.emitWarning = emitWarning
  }
}

/** What node says, and what to do about it. */
const knownCauses: readonly (readonly [words: string, remedy: string])[] = [
  ["Cannot find package 'trueline'", 'Install the package in the folder of the file: npm install trueline'],
  ['outside a module', 'Write "type": "module" into the package.json beside the file.'],
]

/** For a name that a module does not export: the nearest one that it does. */
async function nearestExport(file: string, message: string): Promise<string | undefined> {
  const [, module, name] = /'([^']+)' does not provide an export named '([^']+)'/.exec(message) ?? []
  if (module === undefined || name === undefined) return undefined
  const { resolve: find } = createRequire(file)
  // What cannot be loaded on its own has nothing to offer; the message says what happened as it is.
  const exported: object = await Promise.resolve()
    .then(() => import(pathToFileURL(find(module)).href))
    .catch(() => ({}))
  const nearest = nearestName(name, Object.keys(exported))
  return nearest === undefined ? undefined : `Did you mean '${nearest}'?`
}

/** The error with the file, or the line, before its own path. */
function at(place: string, thrown: unknown): unknown {
  if (!(thrown instanceof TruelineError)) return thrown
  const path = thrown.path === undefined ? place : `${place}, ${thrown.path}`
  return new TruelineError(thrown.code, `${place}: ${thrown.message}`, {
    path,
    remedy: thrown.remedy,
    cause: thrown.cause,
  })
}

/** The file and, where the error's stack names it, the line: node puts it first for what it cannot parse. */
function placeOf(file: string, thrown: unknown): string {
  const stack = thrown instanceof Error ? (thrown.stack ?? '') : ''
  for (const name of [pathToFileURL(file).href, file]) {
    const [, after = ''] = stack.split(`${name}:`)
    const line = /^\d+/.exec(after)
    if (line !== null) return `${file}:${line[0]}`
  }
  return file
}

function isEmpty(project: ProjectDefinition): boolean {
  const { streams, entities, features, requests, derived, tables, models, rawModels, alerts, limits } = project
  const collections = [streams, entities, features, requests, derived, tables, models, rawModels ?? {}]
  return (
    alerts === undefined &&
    limits === undefined &&
    collections.every((collection) => Object.keys(collection).length === 0)
  )
}

function withoutDefinitions(): TruelineError {
  return new TruelineError('config_invalid', 'It exports no definition.', {
    remedy: 'Write `export` before the models of the project, or before its features while it has no model.',
  })
}

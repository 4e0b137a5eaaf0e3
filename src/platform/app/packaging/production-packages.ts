import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { TruelineError } from '../../../core/errors.ts'

/** A package that production needs: where it is, and where it goes below a folder of `node_modules`. */
export interface ProductionPackage {
  readonly name: string
  readonly version: string
  readonly license: string | undefined
  /** Absolute path of its folder. */
  readonly folder: string
  /** Such as `fastify`, or `pino/node_modules/thread-stream` where another version stands above. */
  readonly place: string
}

interface PackageJson {
  readonly name: string
  readonly version: string
  readonly license?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/**
 * A package and all that it needs in production, found as node finds it, whatever the installer's layout, each with a
 * place where node finds it again.
 * @param folder of the package
 * @param also packages that it does not need always, and needs here
 * @throws TruelineError `package_incomplete` when a dependency that is not optional is not installed
 */
export function productionPackages(folder: string, also: readonly string[] = []): ProductionPackage[] {
  const root = readPackage(folder)
  const placed = new Map<string, ProductionPackage>()
  const place = (description: PackageJson, from: string, at: string): ProductionPackage => {
    const { name, version, license } = description
    const found = { name, version, license, folder: from, place: at }
    placed.set(at, found)
    return found
  }
  const pending = [{ of: place(root, realpathSync(folder), root.name), description: root }]
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    const { of, description } = next
    const { dependencies = {}, optionalDependencies = {} } = description
    const names = Object.keys({ ...dependencies, ...optionalDependencies })
    for (const name of description === root ? [...names, ...also] : names) {
      const found = findPackage(name, of.folder)
      if (found === undefined) {
        if (name in optionalDependencies) continue
        throw new TruelineError('package_incomplete', `${of.name} needs ${name}, which is not installed.`, {
          path: name,
        })
      }
      if (seenFrom(of.place, name, placed)?.folder === found) continue
      const at = placed.has(name) ? `${of.place}/node_modules/${name}` : name
      const its = readPackage(found)
      pending.push({ of: place(its, found, at), description: its })
    }
  }
  return [...placed.values()].toSorted((a, b) => (a.place < b.place ? -1 : 1))
}

/** What node finds for a name from a place, going up. */
function seenFrom(
  from: string,
  name: string,
  placed: ReadonlyMap<string, ProductionPackage>,
): ProductionPackage | undefined {
  for (let at = from; ; at = at.slice(0, at.lastIndexOf('/node_modules/'))) {
    const inside = placed.get(`${at}/node_modules/${name}`)
    if (inside !== undefined) return inside
    if (!at.includes('/node_modules/')) return placed.get(name)
  }
}

/** The folder of a package that is needed from another folder, as node looks for it. */
function findPackage(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name)
    if (existsSync(join(candidate, 'package.json'))) return realpathSync(candidate)
    if (dirname(folder) === folder) return undefined
  }
}

function readPackage(folder: string): PackageJson {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageJson
}

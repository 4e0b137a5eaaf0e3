import type { RebuildDifference } from './rebuild-record.ts'

const MOST_NAMED = 20

/**
 * Packages of which a lockfile names another version than before.
 * @param name of the file, by which its form is known
 */
export function lockfileDifferences(name: string, before: string, after: string | undefined): RebuildDifference[] {
  const input = 'environment.project.lockfile'
  if (after === undefined) return [{ input, sentence: `${name} was there, and is not now.` }]
  if (before === after) return []
  const [then, now] = [packagesOf(before), packagesOf(after)]
  const changed = [...new Set([...then.keys(), ...now.keys()])].filter((one) => then.get(one) !== now.get(one)).sort()
  if (changed.length === 0) return [{ input, sentence: `${name} differs, though it names the same packages.` }]
  const version = (packages: ReadonlyMap<string, string>, one: string): string => packages.get(one) ?? 'not there'
  const named = changed.slice(0, MOST_NAMED).map((one) => ({
    input: `${input}.${one}`,
    sentence: `The package ${one} was ${version(then, one)}, and is ${version(now, one)} now.`,
  }))
  const more = changed.length - named.length
  return more === 0 ? named : [...named, { input, sentence: `${more} more packages differ.` }]
}

/** Versions by package, of npm's form; of another form each line stands for itself. */
function packagesOf(text: string): ReadonlyMap<string, string> {
  try {
    const { packages = {} } = JSON.parse(text) as {
      packages?: Record<string, { version?: string; integrity?: string }>
    }
    return new Map(
      Object.entries(packages).map(([path, { version = '', integrity = '' }]) => [
        path.replace(/^.*node_modules\//, ''),
        integrity === '' ? version : `${version} (${integrity.slice(0, 20)})`,
      ]),
    )
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown
    return new Map(text.split('\n').map((line) => [line.trim(), line]))
  }
}

import type { RebuildDifference } from './rebuild-record.ts'

/** What may differ without a difference to any model: tests hold the platform to that. */
const harmless = new Set(['threads', 'processors', 'locale', 'zone', 'project.lockfile'])

/** What leads to another model most often comes first. */
const nearest = ['code', 'trueline', 'kernel', 'functions', 'zones', 'program', 'packages', 'node', 'v8', 'processor']

/** What of an environment is not what it was. */
export function environmentDifferences(
  recorded: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, unknown>>,
): RebuildDifference[] {
  const found: RebuildDifference[] = []
  compare('', recorded, now, found)
  const rank = ({ input }: RebuildDifference): number => {
    const place = nearest.indexOf(input.split('.')[1]!)
    return place === -1 ? nearest.length : place
  }
  return found.toSorted((a, b) => rank(a) - rank(b))
}

function compare(path: string, before: unknown, after: unknown, found: RebuildDifference[]): void {
  if (harmless.has(path) || JSON.stringify(before) === JSON.stringify(after)) return
  if (isRecord(before) && isRecord(after)) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)]))
      compare(path === '' ? name : `${path}.${name}`, before[name], after[name], found)
    return
  }
  const input = `environment.${path}`
  if (Array.isArray(before) && Array.isArray(after)) {
    const lacks = before.filter((one) => !after.includes(one))
    const has = after.filter((one) => !before.includes(one))
    const words = [lacks.length > 0 ? `lacks ${lacks.join(', ')}` : '', has.length > 0 ? `has ${has.join(', ')}` : '']
    found.push({ input, sentence: `${path} ${words.filter((word) => word !== '').join(' and ')} now.` })
    return
  }
  found.push({ input, sentence: `${path} was ${shown(before)}, and is ${shown(after)} now.` })
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function shown(value: unknown): string {
  if (value === undefined) return 'not there'
  return typeof value === 'string' ? value : JSON.stringify(value)
}

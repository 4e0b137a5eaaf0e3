/** A part of a contract that has no counterpart here: where it stands, and why. */
export interface UnmappedPart {
  /** Such as `schema.orders.properties.amount.quality[0].dimension`. */
  readonly path: string
  readonly why: string
}

/** Reads the members of an object and remembers which were read: the others are listed, never silently dropped. */
export interface PartReader {
  readonly path: string
  text(name: string): string | undefined
  number(name: string): number | undefined
  flag(name: string): boolean | undefined
  /** Any value, as it stands. */
  value(name: string): unknown
  /** The members of a list that are objects. */
  parts(name: string): readonly PartReader[]
  part(name: string): PartReader | undefined
  /** Lists a part by itself. */
  skip(name: string | undefined, why: string): void
  /** Lists every member that was not read. */
  finish(): void
}

/** A reader of an object; undefined for what is none. */
export function readPart(value: unknown, path: string, unmapped: UnmappedPart[]): PartReader | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const members = value as Record<string, unknown>
  const read = new Set<string>()
  const skip = (name: string | undefined, why: string): void => {
    unmapped.push({ path: name === undefined ? path : placeOf(path, name), why })
  }
  const take = (name: string, type: string): unknown => {
    read.add(name)
    const found = members[name]
    if (found === undefined || found === null || typeof found === type) return found ?? undefined
    skip(name, `It is no ${type}.`)
    return undefined
  }
  return {
    path,
    skip,
    text: (name) => take(name, 'string') as string | undefined,
    number: (name) => take(name, 'number') as number | undefined,
    flag: (name) => take(name, 'boolean') as boolean | undefined,
    value(name) {
      read.add(name)
      return members[name]
    },
    parts(name) {
      read.add(name)
      const list = members[name]
      if (list === undefined || list === null) return []
      if (!Array.isArray(list)) {
        skip(name, 'It is no list.')
        return []
      }
      return list.flatMap((item, index) => {
        const called = (item as { name?: unknown } | null)?.name
        const at = typeof called === 'string' ? `${placeOf(path, name)}.${called}` : `${placeOf(path, name)}[${index}]`
        const part = readPart(item, at, unmapped)
        if (part === undefined) unmapped.push({ path: at, why: 'It is no object.' })
        return part ?? []
      })
    },
    part(name) {
      read.add(name)
      const found = readPart(members[name], placeOf(path, name), unmapped)
      if (found === undefined && members[name] !== undefined && members[name] !== null) skip(name, 'It is no object.')
      return found
    },
    finish() {
      for (const name of Object.keys(members)) if (!read.has(name)) skip(name, 'There is no counterpart for it here.')
    },
  }
}

function placeOf(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

import type { DataTypeName, Schema, Value } from '../../core/data-type.ts'
import { encodeKey } from '../../core/key.ts'
import type { Identity } from '../../governance/identity.ts'
import type { Verdict } from './verdict.ts'

/** What somebody decided for all rows with a key, for a time. */
export interface HandRule {
  readonly number: number
  readonly model: string
  /** Columns of the asking row, with the values that are meant. */
  readonly key: Readonly<Record<string, Value>>
  readonly decision: string
  readonly reason: string
  readonly by: Identity
  /** Microseconds. */
  readonly at: number
  /** It holds before this time; for good when absent. */
  readonly until?: number
  readonly revoked?: { readonly by: Identity; readonly at: number; readonly reason: string }
}

/** The rules by hand of a model that are in force: looked at for every row, changed while it serves. */
export interface HandRules {
  /** Columns of the asking row that they look at. */
  readonly columns: readonly string[]
  /**
   * What finds the verdict of the newest rule for a row of some form: that of the version that is asked, which may be older
   * or younger than the stream's columns are now. A rule by a column that the rows do not have holds for none of them.
   * @param names of the columns, in the order of a row's values
   */
  finder(names: readonly string[]): (row: readonly Value[]) => Verdict | undefined
  add(rule: HandRule): void
  remove(number: number): void
}

/** Rules that look at the same columns, by the text of their keys. */
interface Lookup {
  readonly columns: readonly string[]
  readonly types: readonly DataTypeName[]
  readonly byKey: Map<string, HandRule[]>
  /** Reused for each row. */
  readonly values: Value[]
}

/**
 * Rules by hand, none at first.
 * @param schema of the model's stream; a rule by a column that is none of it any more is left out
 * @param now microseconds: the time by which rules end
 */
export function createHandRules(schema: Schema, now: () => number): HandRules {
  const lookups = new Map<string, Lookup>()
  const verdicts = new Map<number, Verdict>()

  function lookupOf(columns: readonly string[]): Lookup {
    const name = columns.join('\0')
    let lookup = lookups.get(name)
    if (lookup === undefined) {
      const types = columns.map((column) => schema[column]!.type)
      lookup = { columns, types, byKey: new Map(), values: [] }
      lookups.set(name, lookup)
    }
    return lookup
  }

  function newest(row: readonly Value[], placesOf: (lookup: Lookup) => readonly number[]): HandRule | undefined {
    let found: HandRule | undefined
    const time = now()
    for (const lookup of lookups.values()) {
      const { types, values, byKey } = lookup
      const places = placesOf(lookup)
      for (let index = 0; index < places.length; index += 1) values[index] = row[places[index]!] ?? null
      const text = encodeKey(types, values)
      const rules = text === undefined ? undefined : byKey.get(text)
      if (rules === undefined) continue
      for (const rule of rules)
        if ((rule.until === undefined || time < rule.until) && rule.number > (found?.number ?? -1)) found = rule
    }
    return found
  }

  return {
    get columns() {
      return [...new Set([...lookups.values()].flatMap(({ columns }) => columns))]
    },
    finder(names) {
      const known = new WeakMap<Lookup, readonly number[]>()
      const placesOf = (lookup: Lookup): readonly number[] => {
        let places = known.get(lookup)
        if (places === undefined) {
          places = lookup.columns.map((column) => names.indexOf(column))
          known.set(lookup, places)
        }
        return places
      }
      return (row) => {
        if (lookups.size === 0) return undefined
        const rule = newest(row, placesOf)
        return rule === undefined ? undefined : verdicts.get(rule.number)
      }
    },
    add(rule) {
      const columns = Object.keys(rule.key).sort()
      if (!columns.every((column) => Object.hasOwn(schema, column))) return
      const lookup = lookupOf(columns)
      const text = encodeKey(
        lookup.types,
        columns.map((column) => rule.key[column]!),
      )
      if (text === undefined) return
      lookup.byKey.set(text, [...(lookup.byKey.get(text) ?? []), rule])
      const { decision, number } = rule
      // Callers are told the code alone: the words were written for those who look after the model.
      verdicts.set(number, { decision, decidedBy: `hand:${number}`, reason: { code: 'by_hand' } })
    },
    remove(number) {
      verdicts.delete(number)
      for (const [name, { byKey }] of lookups) {
        for (const [text, rules] of byKey) {
          const kept = rules.filter((rule) => rule.number !== number)
          if (kept.length === 0) byKey.delete(text)
          else byKey.set(text, kept)
        }
        if (byKey.size === 0) lookups.delete(name)
      }
    },
  }
}

/** The number of the rule by hand that decided, as predictions record it. */
export function handRuleIn(decidedBy: string | undefined): number | undefined {
  const found = /^hand:(\d+)$/.exec(decidedBy ?? '')
  return found === null ? undefined : Number(found[1])
}

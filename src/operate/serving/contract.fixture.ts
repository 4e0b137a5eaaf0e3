import type { DataTypeName, Value } from '../../core/data-type.ts'
import { type Random, seededRandom } from '../../core/random.ts'
import { formatTime } from '../../core/time.ts'
import type { ContractColumn, ModelContract } from './model-contract.ts'

/** Random contracts, changes of them, and rows that are right by them: the same for the same seed. */
export interface ContractSource {
  readonly random: Random
  contract(): ModelContract
  /** Another contract that differs in some columns. */
  changed(contract: ModelContract): ModelContract
  /** A row that a contract allows. */
  row(contract: ModelContract): Record<string, unknown>
}

const types: readonly DataTypeName[] = ['int', 'decimal', 'number', 'bool', 'string', 'timestamp']
const letters = ['a', 'b', 'c', 'dd', 'eee', 'ffff']

export function contractSource(seed: number): ContractSource {
  const random = seededRandom(seed)
  const chance = (share: number): boolean => random.next() < share
  const one = <Item>(items: readonly Item[]): Item => items[random.integer(items.length)]!

  function column(): ContractColumn {
    const type = one(types)
    const used = chance(0.7)
    const missing = used && chance(0.6) ? 'refuse' : 'null'
    if (type === 'timestamp' && chance(0.2)) return { type, missing: 'default', default: 1000, used }
    if (type === 'string') return { type, missing, used, ...texts(missing === 'null') }
    if (type === 'bool' || type === 'timestamp') return { type, missing, used }
    return { type, missing, used, ...(type === 'decimal' ? { scale: random.integer(4) } : {}), ...range() }
  }

  function range(): { readonly min?: number; readonly max?: number } {
    const [low, high] = [random.integer(50) - 25, random.integer(50) + 25]
    return { ...(chance(0.5) ? { min: low } : {}), ...(chance(0.5) ? { max: high } : {}) }
  }

  function texts(nullable: boolean): Partial<ContractColumn> {
    const maxLength = 1 + random.integer(4)
    const oneOf = letters.filter(({ length }) => length <= maxLength && chance(0.7))
    return {
      ...(chance(0.5) ? { maxLength } : {}),
      ...(oneOf.length > 0 && chance(0.6) ? { oneOf, ...(nullable && chance(0.5) ? { unknown: 'null' } : {}) } : {}),
    }
  }

  function contract(): ModelContract {
    const names = ['id', 'a', 'b', 'c', 'd'].slice(0, 2 + random.integer(4))
    return withColumns(names.map((name) => [name, column()]))
  }

  function changed({ request }: ModelContract): ModelContract {
    const entries = Object.entries(request.columns).flatMap(([name, old]): (readonly [string, ContractColumn])[] => {
      if (chance(0.5)) return [[name, old]]
      if (chance(0.1)) return []
      if (chance(0.1)) return [[`${name}x`, old]]
      if (chance(0.2)) return [[name, column()]]
      const { min, max, maxLength, oneOf, unknown, ...rest } = old
      const missing = chance(0.3) && old.missing !== 'default' ? one(['refuse', 'null'] as const) : old.missing
      const next = { ...rest, missing, ...(old.type === 'decimal' ? { scale: random.integer(4) } : {}) }
      if (old.type === 'string') return [[name, { ...next, ...texts(missing === 'null') }]]
      if (old.type === 'int' && chance(0.3)) return [[name, { ...next, type: 'number', ...range() }]]
      return [[name, old.type === 'bool' || old.type === 'timestamp' ? next : { ...next, ...range() }]]
    })
    return withColumns(chance(0.2) ? [...entries, ['more', column()]] : entries)
  }

  function valueIn({ type, min, max, scale = 0, maxLength = 30, oneOf, unknown }: ContractColumn): Value {
    if (type === 'bool') return chance(0.5)
    if (type === 'timestamp')
      return chance(0.5) ? random.integer(2 ** 31) * 1000 : formatTime(random.integer(2 ** 31) * 1000)
    if (type === 'string') {
      if (oneOf !== undefined && unknown === 'null' && chance(0.3)) return `unknown ${'x'.repeat(random.integer(9))}`
      if (oneOf === undefined) return 'x'.repeat(random.integer(maxLength + 1))
      return one(oneOf)
    }
    const [low, high] = [min ?? -(10 ** (1 + random.integer(9))), max ?? 10 ** (2 + random.integer(9))]
    const value = one([low, high, low + random.next() * (high - low)])
    if (type === 'number') return value
    const rounded = Number(value.toFixed(type === 'int' ? 0 : scale))
    return type === 'decimal' && chance(0.3) ? rounded.toFixed(scale) : rounded
  }

  return {
    random,
    contract,
    changed,
    row({ request }) {
      const row: Record<string, unknown> = {}
      for (const [name, of] of Object.entries(request.columns)) {
        const isLeftOut = of.missing !== 'refuse' && chance(0.3)
        if (isLeftOut && chance(0.5)) continue
        row[name] = isLeftOut ? null : valueIn(of)
      }
      return row
    },
  }
}

function withColumns(columns: readonly (readonly [string, ContractColumn])[]): ModelContract {
  return {
    ...{ contract: 1, model: 'made', inputs: [] },
    request: { columns: Object.fromEntries(columns) },
    response: { score: { kind: 'value' }, decisions: [], errors: [] },
  }
}

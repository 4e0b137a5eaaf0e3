import type { DataTypeName, Value } from '../../core/data-type.ts'
import { encodeKey, partitionOf } from '../../core/key.ts'

/** The key of an entity. */
export interface EntityKey {
  readonly text: string
  /** Of the text. */
  readonly partition: number
}

/** The key of no entity: one with a null field matches nothing, and no key's text is empty. */
export const noKey: EntityKey = { text: '', partition: partitionOf('') }

/** Gives the key of an entity from its values, in their order; undefined when one is null. */
export type EntityKeys = (values: readonly Value[]) => EntityKey | undefined

/** Keys that begin with the same values. */
interface Branch {
  /** By the last value. */
  readonly keys: Map<Value, EntityKey>
  /** By the value that comes next, where there are more. */
  readonly branches: Map<Value, Branch>
}

/**
 * Keys (core/key.ts) that remember those they gave: the same entities come back again and again, and a text whose hash is
 * known is found in a map several times as fast as one that was just put together.
 * @param types of the key's values
 * @param most keys remembered; beyond it they are all forgotten, and made anew
 */
export function createEntityKeys(types: readonly DataTypeName[], most = 100_000): EntityKeys {
  const last = types.length - 1
  let root = createBranch()
  let size = 0

  function remember(values: readonly Value[], key: EntityKey): void {
    if (size === most) {
      root = createBranch()
      size = 0
    }
    let branch = root
    for (let field = 0; field < last; field += 1) {
      const next = branch.branches.get(values[field]!) ?? createBranch()
      branch.branches.set(values[field]!, next)
      branch = next
    }
    branch.keys.set(values[last]!, key)
    size += 1
  }

  return (values) => {
    let branch: Branch | undefined = root
    for (let field = 0; field < last && branch !== undefined; field += 1) branch = branch.branches.get(values[field]!)
    const known = branch?.keys.get(values[last]!)
    if (known !== undefined) return known
    const text = encodeKey(types, values)
    if (text === undefined) return undefined
    const key = { text, partition: partitionOf(text) }
    remember(values, key)
    return key
  }
}

function createBranch(): Branch {
  return { keys: new Map(), branches: new Map() }
}

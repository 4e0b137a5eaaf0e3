import type { DataTypeName, Value } from '../../core/data-type.ts'
import { encodeKey } from '../../core/key.ts'

/** Gives the text of an entity's key from its values, in the order of the key; undefined when one is null. */
export type EntityKeys = (values: readonly Value[]) => string | undefined

/** Texts that begin with the same values. */
interface Branch {
  /** By the last value. */
  readonly texts: Map<Value, string>
  /** By the value that comes next, where there are more. */
  readonly branches: Map<Value, Branch>
}

/**
 * Texts of keys (core/key.ts) that remember those they gave: the same entities come back again and again, and a text
 * whose hash is known is found in a map several times as fast as one that was just put together.
 * @param types of the key's values
 * @param most texts remembered; beyond it they are all forgotten, and made anew
 */
export function createEntityKeys(types: readonly DataTypeName[], most = 100_000): EntityKeys {
  const last = types.length - 1
  let root = createBranch()
  let size = 0

  function remember(values: readonly Value[], text: string): void {
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
    branch.texts.set(values[last]!, text)
    size += 1
  }

  return (values) => {
    let branch: Branch | undefined = root
    for (let field = 0; field < last && branch !== undefined; field += 1) branch = branch.branches.get(values[field]!)
    const known = branch?.texts.get(values[last]!)
    if (known !== undefined) return known
    const text = encodeKey(types, values)
    if (text !== undefined) remember(values, text)
    return text
  }
}

function createBranch(): Branch {
  return { texts: new Map(), branches: new Map() }
}

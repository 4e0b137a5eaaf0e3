import { LONGEST_TAG } from '../../../models/experiments/limits.ts'

/** The list that a tag holds; an empty one where it holds something else, as everybody may write it. */
export function listIn(tag: string | undefined): readonly unknown[] {
  try {
    const list: unknown = JSON.parse(tag ?? '[]')
    return Array.isArray(list) ? list : []
  } catch {
    return []
  }
}

/** As many of the texts of a list, the last ones, as a tag holds: what is cut elsewhere nobody can read. */
export function fittingList(texts: readonly string[]): string {
  for (let from = 0; ; from += 1) {
    const value = `[${texts.slice(from).join(', ')}]`
    if (value.length <= LONGEST_TAG) return value
  }
}

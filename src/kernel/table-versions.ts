import { EMPTY, UNKNOWN_KEY } from './status.ts'

/**
 * Versions of a reference table's rows, those of one key sorted by the start of their validity and then by id. Times are
 * microseconds.
 */
export interface TableVersions {
  readonly validFrom: ArrayLike<number>
  /** Exclusive; Infinity where a version has no end. */
  readonly validTo: ArrayLike<number>
  /** Absent where all that is there is seen: a cut sees the versions with `visibleAt < cut <= hiddenAt`. */
  readonly seen?: { readonly visibleAt: Float64Array; readonly hiddenAt: Float64Array }
}

/** The place of a version, or why there is none: below 0. */
export type FoundVersion = number

/** The key has no version that is seen and begins at or before t. */
export const NO_VERSION: FoundVersion = -1
/** The key has versions, and none of them is valid at t. */
export const NONE_VALID: FoundVersion = -2

/**
 * The version of a key that is valid at t: `valid_from <= t < valid_to` after the cut; where several are, the one with the
 * greatest start, and the greatest id among these.
 * @param from first of the key's versions; `to` is exclusive
 */
export function versionAt(versions: TableVersions, from: number, to: number, time: number, cut: number): FoundVersion {
  const { validFrom, validTo, seen } = versions
  let low = from
  let high = to
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((validFrom[middle] as number) <= time) low = middle + 1
    else high = middle
  }
  let found = NO_VERSION
  for (let place = low - 1; place >= from; place--) {
    if (seen !== undefined && !((seen.visibleAt[place] as number) < cut && cut <= (seen.hiddenAt[place] as number)))
      continue
    if (time < (validTo[place] as number)) return place
    found = NONE_VALID
  }
  return found
}

/** The status of a value that has no version: `unknown_key`, or `empty` between versions. */
export function statusWithout(found: FoundVersion): number {
  return found === NO_VERSION ? UNKNOWN_KEY : EMPTY
}

/** A record's stretch of features should fit one cache line, and their histogram the first-level cache in three parts. */
const MOST_FEATURES = 48

/** Neighbouring features whose bins lie together, four to a 32-bit word, in one record for each row. */
export interface FeatureGroup {
  readonly firstFeature: number
  readonly features: number
  /** Words that hold bins. */
  readonly words: number
  /** Words from one record to the next. */
  readonly stride: number
  /** Where the group's records begin in all records. */
  readonly offset: number
}

/** Records that take more than this lie close to each other. */
const MOST_SPREAD_BYTES = 2 ** 26

/**
 * Shares the features among as few groups of like size as will do. From one record to the next is a power of two, so that no short
 * record crosses a cache line; but not of large tables, where what is between them costs more memory than it saves time.
 */
export function featureGroups(features: number, rows: number): FeatureGroup[] {
  const count = Math.ceil(features / MOST_FEATURES)
  const groups: FeatureGroup[] = []
  const spread = (words: number): number => 2 ** Math.ceil(Math.log2(words))
  const isLarge = count * spread(Math.ceil(features / count / 4)) * 4 * rows > MOST_SPREAD_BYTES
  let offset = 0
  for (let i = 0; i < count; i += 1) {
    const firstFeature = Math.floor((i * features) / count)
    const inGroup = Math.floor(((i + 1) * features) / count) - firstFeature
    const words = Math.ceil(inGroup / 4)
    const stride = isLarge ? words : spread(words)
    groups.push({ firstFeature, features: inGroup, words, stride, offset })
    offset += stride * rows
  }
  return groups
}

/** Words of the records of all groups. */
export function recordWords(groups: readonly FeatureGroup[], rows: number): number {
  return groups.reduce((sum, { stride }) => sum + stride * rows, 0)
}

/**
 * Fills a group's records of the rows `from` to `to` from the bins, which lie feature after feature.
 */
export function fillRecords(
  records: Uint32Array,
  bins: Uint8Array,
  rows: number,
  group: FeatureGroup,
  from: number,
  to: number,
): void {
  for (let word = 0; word < group.words; word += 1) {
    const features = Math.min(4, group.features - 4 * word)
    const column = (group.firstFeature + 4 * word) * rows
    for (let row = from; row < to; row += 1) {
      let bytes = 0
      for (let feature = features - 1; feature >= 0; feature -= 1)
        bytes = (bytes << 8) | (bins[column + feature * rows + row] as number)
      records[group.offset + row * group.stride + word] = bytes
    }
  }
}

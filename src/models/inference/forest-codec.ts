import {
  corrupt,
  type Envelope,
  type EnvelopeKind,
  isCount,
  type NumberArray,
  openEnvelope,
  readArrays,
  sealEnvelope,
} from './envelope.ts'
import { type Forest, isPlainForest, preciseArray } from './forest.ts'
import { faultOf } from './forest-check.ts'
import { isTransform } from './transform.ts'

/** How the bytes of a forest begin, and what it is called. */
export const FOREST_KIND: EnvelopeKind = { name: 'forest', magic: 'TLFOREST' }

/** What stands in the header of version 2 beside the description of the forest itself. */
type Sizes = {
  readonly trees: number
  readonly nodes: number
  /** Words of each set of categories. */
  readonly setWords: readonly number[]
  readonly covers: boolean
}
type Description = Omit<Forest, 'nodes' | 'treeStarts' | 'treeOutputs' | 'categorySets' | 'covers'>

/**
 * The canonical bytes of a forest: equal forests have equal bytes, on any host.
 *
 * A forest that the first version of the format can say is written in it, so that its digest stays what it was. Its header
 * is `objective` (binary for a sigmoid of slope 1, regression for identity), `baseMargin`, `featureNames` and the numbers of
 * `trees` and `nodes`; then follow treeStarts (uint32), feature (int32), threshold (float32), value (float32), right
 * (uint32) and rule (uint8). Version 2 has a header of all that describes a `Forest`, with `setWords` and `covers`
 * beside it; then follow treeStarts, treeOutputs (uint32), feature (int32), threshold and value (of the precision), right
 * (uint32), rule (uint8), the words of all sets (uint32), and the covers (float64). The frame is that of `sealEnvelope`.
 */
export function encodeForest(forest: Forest): Uint8Array {
  const { nodes, treeStarts, treeOutputs, categorySets, covers, ...description } = forest
  const trees = treeStarts.length - 1
  const sizes = { trees, nodes: nodes.feature.length }
  if (isFirstVersion(forest)) {
    const { baseMargins, featureNames, transform } = description
    const objective = transform.kind === 'sigmoid' ? 'binary' : 'regression'
    return sealEnvelope(
      FOREST_KIND,
      1,
      { ...sizes, objective, baseMargin: baseMargins[0], featureNames },
      arraysOf(forest, 1),
    )
  }
  const header: Description & Sizes = {
    ...description,
    ...sizes,
    setWords: categorySets.map(({ length }) => length),
    covers: covers !== undefined,
  }
  return sealEnvelope(FOREST_KIND, 2, header, arraysOf(forest, 2))
}

/**
 * The forest that `encodeForest` made these bytes of.
 * @throws TruelineError `artifact_corrupt` for bytes that are cut, changed, of another version or of something else
 */
export function decodeForest(bytes: Uint8Array): Forest {
  const envelope = openEnvelope(bytes, FOREST_KIND, [1, 2])
  const header = envelope.version === 1 ? firstHeader(envelope.header) : secondHeader(envelope.header)
  if (header === undefined) throw corrupt(FOREST_KIND, 'its header is not that of a forest')
  // Before arrays of the sizes that the header claims are made.
  if (fewestBytes(header) > envelope.body.length) throw corrupt(FOREST_KIND, 'its length does not match its header')
  const forest = emptyForest(header)
  readArrays(envelope.body, arraysOf(forest, envelope.version), FOREST_KIND)
  const fault = faultOf(forest)
  if (fault !== undefined) throw corrupt(FOREST_KIND, fault)
  return forest
}

/** Whether the first version of the format says all of a forest. */
function isFirstVersion(forest: Forest): boolean {
  const { transform, categorySets, categoryRounding, covers } = forest
  const known = transform.kind === 'identity' || (transform.kind === 'sigmoid' && transform.slope === 1)
  const extras = categorySets.length > 0 || categoryRounding !== 'none' || covers !== undefined
  return isPlainForest(forest) && known && !extras
}

/** The arrays of a forest in the order of the format. */
function arraysOf({ nodes, treeStarts, treeOutputs, categorySets, covers }: Forest, version: number): NumberArray[] {
  const { feature, threshold, value, right, rule } = nodes
  if (version === 1) return [treeStarts, feature, threshold, value, right, rule]
  const last = covers === undefined ? [] : [covers]
  return [treeStarts, treeOutputs, feature, threshold, value, right, rule, ...categorySets, ...last]
}

function emptyForest({ trees, nodes, setWords, covers, ...description }: Description & Sizes): Forest {
  const { precision, leafWidth } = description
  return {
    ...description,
    treeStarts: new Uint32Array(trees + 1),
    treeOutputs: new Uint32Array(trees),
    nodes: {
      feature: new Int32Array(nodes),
      threshold: preciseArray(precision, nodes),
      value: preciseArray(precision, nodes * leafWidth),
      right: new Uint32Array(nodes),
      rule: new Uint8Array(nodes),
    },
    categorySets: setWords.map((words) => new Uint32Array(words)),
    ...(covers ? { covers: new Float64Array(nodes) } : {}),
  }
}

function fewestBytes({ trees, nodes, leafWidth, setWords, precision }: Description & Sizes): number {
  const size = precision === 'float32' ? 4 : 8
  return 4 * trees + nodes * (9 + size * (1 + leafWidth)) + 4 * setWords.reduce((sum, words) => sum + words, 0)
}

function firstHeader({ objective, baseMargin, ...rest }: Envelope['header']): (Description & Sizes) | undefined {
  if (objective !== 'binary' && objective !== 'regression') return undefined
  return secondHeader({
    featureNames: rest['featureNames'],
    trees: rest['trees'],
    nodes: rest['nodes'],
    ...{ precision: 'float32', outputs: 1, baseMargins: [baseMargin], baseOrder: 'first', divisor: 1, leafWidth: 1 },
    transform: objective === 'binary' ? { kind: 'sigmoid', slope: 1 } : { kind: 'identity' },
    ...{ setWords: [], categoryRounding: 'none', covers: false },
  })
}

function secondHeader(header: Envelope['header']): (Description & Sizes) | undefined {
  const { precision, outputs, baseMargins, baseOrder, divisor, transform, leafWidth, featureNames, ...more } =
    header as Partial<Description & Sizes>
  const { categoryRounding, trees, nodes, setWords, covers } = more
  const valid =
    (precision === 'float32' || precision === 'float64') &&
    isCount(outputs) &&
    isListOf(baseMargins, (margin) => typeof margin === 'number') &&
    (baseOrder === 'first' || baseOrder === 'last') &&
    typeof divisor === 'number' &&
    isTransform(transform) &&
    isCount(leafWidth) &&
    isListOf(featureNames, (name) => typeof name === 'string') &&
    (categoryRounding === 'floor' || categoryRounding === 'truncate' || categoryRounding === 'none') &&
    isCount(trees) &&
    isCount(nodes) &&
    isListOf(setWords, isCount) &&
    typeof covers === 'boolean'
  if (!valid) return undefined
  return {
    ...{ precision, outputs, baseMargins, baseOrder, divisor, transform, leafWidth, featureNames },
    ...{ categoryRounding, trees, nodes, setWords, covers },
  }
}

function isListOf<Value>(
  list: readonly Value[] | undefined,
  isOne: (value: unknown) => boolean,
): list is readonly Value[] {
  return Array.isArray(list) && list.every(isOne)
}

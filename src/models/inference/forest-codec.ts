import { createHash } from 'node:crypto'
import { canonicalJson } from '../../core/canonical.ts'
import { TruelineError } from '../../core/errors.ts'
import type { Forest, ForestObjective } from './forest.ts'
import { faultOf } from './forest-check.ts'

const MAGIC = 'TLFOREST'
const VERSION = 1
const CHECKSUM_BYTES = 32
/** Magic, version and length of the header. */
const PREFIX_BYTES = 16
const BYTES_PER_NODE = 4 * 4 + 1

/** What precedes the arrays, as canonical JSON. */
interface Header {
  readonly objective: ForestObjective
  readonly baseMargin: number
  readonly featureNames: readonly string[]
  readonly trees: number
  readonly nodes: number
}

/**
 * The canonical bytes of a forest: equal forests have equal bytes, on any host.
 *
 * Layout, numbers little-endian: `TLFOREST`, version (uint32), length of the header (uint32), header (canonical JSON in
 * UTF-8), treeStarts (uint32 each), then for all nodes feature (int32), threshold (float32), value (float32), right
 * (uint32) and defaultLeft (uint8), and the SHA-256 of all before it.
 */
export function encodeForest(forest: Forest): Uint8Array {
  const { nodes, treeStarts, objective, baseMargin, featureNames } = forest
  const header: Header = {
    objective,
    baseMargin,
    featureNames,
    trees: treeStarts.length - 1,
    nodes: nodes.feature.length,
  }
  const text = new TextEncoder().encode(canonicalJson(header))
  const bytes = new Uint8Array(totalBytes(text.length, header))
  const view = new DataView(bytes.buffer)
  bytes.set(new TextEncoder().encode(MAGIC))
  view.setUint32(8, VERSION, true)
  view.setUint32(12, text.length, true)
  bytes.set(text, PREFIX_BYTES)
  let offset = PREFIX_BYTES + text.length
  const write = (values: Iterable<number>, set: (at: number, value: number) => void): void => {
    for (const value of values) {
      set(offset, value)
      offset += 4
    }
  }
  const uint32 = (at: number, value: number): void => view.setUint32(at, value, true)
  const float32 = (at: number, value: number): void => view.setFloat32(at, value, true)
  write(treeStarts, uint32)
  write(nodes.feature, (at, value) => view.setInt32(at, value, true))
  write(nodes.threshold, float32)
  write(nodes.value, float32)
  write(nodes.right, uint32)
  bytes.set(nodes.defaultLeft, offset)
  const content = bytes.subarray(0, offset + header.nodes)
  bytes.set(createHash('sha256').update(content).digest(), content.length)
  return bytes
}

/**
 * The forest that `encodeForest` made these bytes of.
 * @throws TruelineError `artifact_corrupt` for bytes that are cut, changed, of another version or of something else
 */
export function decodeForest(bytes: Uint8Array): Forest {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  checkEnvelope(bytes, view)
  const textLength = view.getUint32(12, true)
  const header = readHeader(bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + textLength))
  if (bytes.length !== totalBytes(textLength, header)) throw corrupt('its length does not match its header')
  let offset = PREFIX_BYTES + textLength
  const fill = <T extends Uint32Array | Int32Array | Float32Array>(array: T, get: (at: number) => number): T => {
    for (let i = 0; i < array.length; i += 1, offset += 4) array[i] = get(offset)
    return array
  }
  const uint32 = (at: number): number => view.getUint32(at, true)
  const float32 = (at: number): number => view.getFloat32(at, true)
  const treeStarts = fill(new Uint32Array(header.trees + 1), uint32)
  const nodes = {
    feature: fill(new Int32Array(header.nodes), (at) => view.getInt32(at, true)),
    threshold: fill(new Float32Array(header.nodes), float32),
    value: fill(new Float32Array(header.nodes), float32),
    right: fill(new Uint32Array(header.nodes), uint32),
    defaultLeft: bytes.slice(offset, offset + header.nodes),
  }
  const { objective, baseMargin, featureNames } = header
  const forest = { objective, baseMargin, featureNames, treeStarts, nodes }
  const fault = faultOf(forest)
  if (fault !== undefined) throw corrupt(fault)
  return forest
}

function totalBytes(textLength: number, { trees, nodes }: Header): number {
  return PREFIX_BYTES + textLength + 4 * (trees + 1) + BYTES_PER_NODE * nodes + CHECKSUM_BYTES
}

function checkEnvelope(bytes: Uint8Array, view: DataView): void {
  if (bytes.length < PREFIX_BYTES + CHECKSUM_BYTES) throw corrupt('it is cut short')
  if (new TextDecoder('latin1').decode(bytes.subarray(0, MAGIC.length)) !== MAGIC) throw corrupt('it is no forest')
  const version = view.getUint32(8, true)
  if (version !== VERSION) throw corrupt(`its format is version ${version}, and this program reads version ${VERSION}`)
  const content = bytes.subarray(0, bytes.length - CHECKSUM_BYTES)
  const checksum = createHash('sha256').update(content).digest()
  if (!checksum.equals(bytes.subarray(content.length))) throw corrupt('its content does not match its checksum')
}

function readHeader(bytes: Uint8Array): Header {
  let header: Partial<Header>
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Partial<Header>
  } catch (cause) {
    throw corrupt('its header is no JSON', cause)
  }
  const { objective, baseMargin, featureNames, trees, nodes } = header
  const valid =
    (objective === 'binary' || objective === 'regression') &&
    Number.isFinite(baseMargin) &&
    Array.isArray(featureNames) &&
    featureNames.every((name) => typeof name === 'string') &&
    isCount(trees) &&
    isCount(nodes)
  if (!valid) throw corrupt('its header is not that of a forest')
  return header as Header
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function corrupt(fault: string, cause?: unknown): TruelineError {
  return new TruelineError(
    'artifact_corrupt',
    `The forest cannot be read: ${fault}.`,
    cause === undefined ? {} : { cause },
  )
}

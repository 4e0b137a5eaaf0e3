import type { ParquetType } from './encode-page.ts'
import { binary, bool, encodeThrift, i32, i64, listOf, struct, type ThriftStruct, type ThriftValue } from './thrift.ts'

/** A column of a file. */
export interface ParquetField {
  readonly name: string
  readonly type: ParquetType
}

/** The pages of a column in a group of rows, one after another. */
export interface ColumnChunk {
  /** Where the first of them begins in the file. */
  readonly offset: number
  readonly rows: number
  readonly nulls: number
  readonly smallest: number
  readonly largest: number
  /** Bytes with headers, before and after compression. */
  readonly bytes: number
  readonly compressedBytes: number
  /** With zstd. */
  readonly isCompressed: boolean
}

// Numbers of parquet.thrift (https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift).
const physicalTypes: Readonly<Record<ParquetType, number>> = { BOOLEAN: 0, BIGINT: 2, TIMESTAMP: 2, DOUBLE: 5 }
const OPTIONAL = 1
const PLAIN = 0
const RLE = 3
const DELTA_BINARY_PACKED = 5
const UNCOMPRESSED = 0
const ZSTD = 6

/** What precedes a page of values. */
export function pageHeader(rows: number, isDeltas: boolean, bytes: number, compressedBytes: number): Uint8Array {
  const ofData = { 1: i32(rows), 2: i32(isDeltas ? DELTA_BINARY_PACKED : PLAIN), 3: i32(RLE), 4: i32(RLE) }
  return encodeThrift({ 1: i32(0), 2: i32(bytes), 3: i32(compressedBytes), 5: struct(ofData) })
}

/** What ends a file: its columns, and where the chunks of each group of rows are, in the order of the columns. */
export function fileFooter(fields: readonly ParquetField[], groups: readonly (readonly ColumnChunk[])[]): Uint8Array {
  const rowsOf = (group: readonly ColumnChunk[]) => group[0]?.rows ?? 0
  const root: ThriftStruct = { 4: binary('rows'), 5: i32(fields.length) }
  const metadata = encodeThrift({
    1: i32(1),
    2: listOf('struct', [struct(root), ...fields.map(schemaElement)]),
    3: i64(groups.reduce((rows, group) => rows + rowsOf(group), 0)),
    4: listOf(
      'struct',
      groups.map((group) =>
        struct({
          1: listOf(
            'struct',
            group.map((chunk, column) => struct({ 2: i64(chunk.offset), 3: columnMetadata(fields[column]!, chunk) })),
          ),
          2: i64(group.reduce((total, { bytes }) => total + bytes, 0)),
          3: i64(rowsOf(group)),
        }),
      ),
    ),
    6: binary('trueline'),
    // Statistics are in the order of each column's type.
    7: listOf(
      'struct',
      fields.map(() => struct({ 1: struct({}) })),
    ),
  })
  const footer = new Uint8Array(metadata.length + 8)
  footer.set(metadata)
  new DataView(footer.buffer).setUint32(metadata.length, metadata.length, true)
  footer.set(MAGIC, metadata.length + 4)
  return footer
}

/** A file begins and ends with it. */
export const MAGIC: Uint8Array = new TextEncoder().encode('PAR1')

function schemaElement({ name, type }: ParquetField): ThriftValue {
  const microseconds = struct({ 2: struct({}) })
  // Without a zone, as all our times are.
  const logical = struct({ 8: struct({ 1: bool(false), 2: microseconds }) })
  return struct({
    1: i32(physicalTypes[type]),
    3: i32(OPTIONAL),
    4: binary(name),
    ...(type === 'TIMESTAMP' ? { 10: logical } : {}),
  })
}

function columnMetadata({ name, type }: ParquetField, chunk: ColumnChunk): ThriftValue {
  const isWhole = type === 'BIGINT' || type === 'TIMESTAMP'
  return struct({
    1: i32(physicalTypes[type]),
    2: listOf('i32', [PLAIN, RLE, ...(isWhole ? [DELTA_BINARY_PACKED] : [])].map(i32)),
    3: listOf('binary', [binary(name)]),
    4: i32(chunk.isCompressed ? ZSTD : UNCOMPRESSED),
    5: i64(chunk.rows),
    6: i64(chunk.bytes),
    7: i64(chunk.compressedBytes),
    9: i64(chunk.offset),
    12: statistics(type, chunk),
  })
}

function statistics(type: ParquetType, { rows, nulls, smallest, largest }: ColumnChunk): ThriftValue {
  if (rows === nulls) return struct({ 3: i64(nulls) })
  // A zero may be of either sign; the bounds must hold both.
  const lower = Object.is(smallest, 0) ? -0 : smallest
  const upper = Object.is(largest, -0) ? 0 : largest
  return struct({ 3: i64(nulls), 5: binary(boundOf(type, upper)), 6: binary(boundOf(type, lower)) })
}

function boundOf(type: ParquetType, value: number): Uint8Array {
  if (type === 'BOOLEAN') return Uint8Array.of(value)
  const bytes = new DataView(new ArrayBuffer(8))
  if (type === 'DOUBLE') bytes.setFloat64(0, value, true)
  else bytes.setBigInt64(0, BigInt(value), true)
  return new Uint8Array(bytes.buffer)
}

/** A value as Thrift's compact protocol writes it, with its type. */
export type ThriftValue =
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'i32' | 'i64'; readonly value: number }
  | { readonly type: 'binary'; readonly value: Uint8Array | string }
  | { readonly type: 'list'; readonly of: 'i32' | 'binary' | 'struct'; readonly value: readonly ThriftValue[] }
  | { readonly type: 'struct'; readonly value: ThriftStruct }

/** Fields by their numbers, which JavaScript keeps in rising order as the protocol wants them. */
export type ThriftStruct = Readonly<Record<number, ThriftValue>>

const codes = { true: 1, false: 2, i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const

/** Elements of a list whose number fits into its header. */
const SHORT_LIST = 15

export const i32 = (value: number): ThriftValue => ({ type: 'i32', value })
export const i64 = (value: number): ThriftValue => ({ type: 'i64', value })
export const bool = (value: boolean): ThriftValue => ({ type: 'bool', value })
export const binary = (value: Uint8Array | string): ThriftValue => ({ type: 'binary', value })
export const struct = (value: ThriftStruct): ThriftValue => ({ type: 'struct', value })
export const listOf = (of: 'i32' | 'binary' | 'struct', value: readonly ThriftValue[]): ThriftValue => ({
  type: 'list',
  of,
  value,
})

/**
 * A struct in Thrift's compact protocol
 * (https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md).
 */
export function encodeThrift(fields: ThriftStruct): Uint8Array {
  const bytes: number[] = []
  writeStruct(bytes, fields)
  return Uint8Array.from(bytes)
}

function writeStruct(bytes: number[], fields: ThriftStruct): void {
  let before = 0
  for (const [name, field] of Object.entries(fields)) {
    const number = Number(name)
    const code = field.type === 'bool' ? codes[`${field.value}`] : codes[field.type]
    // Parquet's structs have fewer than fifteen fields: the step from one to the next always fits.
    bytes.push(((number - before) << 4) | code)
    writeValue(bytes, field)
    before = number
  }
  bytes.push(0)
}

function writeValue(bytes: number[], field: ThriftValue): void {
  switch (field.type) {
    case 'bool':
      // Its type has said it.
      break
    case 'i32':
    case 'i64':
      pushVarint(bytes, field.value < 0 ? -2 * field.value - 1 : 2 * field.value)
      break
    case 'binary': {
      const value = typeof field.value === 'string' ? new TextEncoder().encode(field.value) : field.value
      pushVarint(bytes, value.length)
      bytes.push(...value)
      break
    }
    case 'list': {
      const { length } = field.value
      bytes.push((Math.min(length, SHORT_LIST) << 4) | codes[field.of])
      if (length >= SHORT_LIST) pushVarint(bytes, length)
      for (const element of field.value) writeValue(bytes, element)
      break
    }
    case 'struct':
      writeStruct(bytes, field.value)
  }
}

/** Seven bits a byte, the lowest first. */
export function pushVarint(bytes: number[], value: number): void {
  let left = value
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) | 0x80)
  bytes.push(left)
}

/** The same into memory; returns where it ends. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let left = value
  let end = at
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes[end++] = (left % 0x80) | 0x80
  bytes[end] = left
  return end + 1
}

/** How many bytes that takes. */
export function varintBytes(value: number): number {
  let bytes = 1
  for (let left = value; left >= 0x80; left = Math.floor(left / 0x80)) bytes += 1
  return bytes
}

// Protocol buffers by a table of fields: https://protobuf.dev/programming-guides/encoding. Nothing of the servers under test is used.

/** Bytes that are no message of the type that they are read as. */
export class NotDecodable extends Error {}

/** What a field holds. */
export type Kind = 'string' | 'bytes' | 'bool' | 'int32' | 'int64' | 'uint32' | 'uint64' | 'float' | 'double' | Schema

/** Fields of a message by their names; `many` for repeated ones, maps as repeated entries. */
export interface Schema {
  readonly [name: string]: { readonly field: number; readonly kind: Kind; readonly many?: true }
}

/** A message as data; whole numbers of 64 bits as bigint. Absent fields have the default value, or are an empty list. */
export interface Message {
  readonly [name: string]: Value | readonly Value[] | undefined
}

export type Value = string | Uint8Array | boolean | number | bigint | Message

const wireTypes: Readonly<Record<string, number>> = { string: 2, bytes: 2, float: 5, double: 1 }

/** The bytes of a message. Numbers that are repeated are packed. */
export function encode(schema: Schema, message: Message): Buffer {
  const parts: Buffer[] = []
  for (const [name, { field, kind, many }] of Object.entries(schema)) {
    const given = message[name]
    if (given === undefined) continue
    const values = many === true ? (given as readonly Value[]) : [given as Value]
    const wire = typeof kind === 'object' ? 2 : (wireTypes[kind] ?? 0)
    if (many === true && wire !== 2) {
      if (values.length > 0) parts.push(delimited(field, Buffer.concat(values.map((value) => scalar(kind, value)))))
      continue
    }
    for (const value of values)
      if (typeof kind === 'object') parts.push(delimited(field, encode(kind, value as Message)))
      else if (kind === 'string') parts.push(delimited(field, Buffer.from(value as string)))
      else if (kind === 'bytes') parts.push(delimited(field, Buffer.from(value as Uint8Array)))
      else parts.push(varint(BigInt(field * 8 + wire)), scalar(kind, value))
  }
  return Buffer.concat(parts)
}

/**
 * A message from its bytes.
 * @throws NotDecodable when they are none
 */
export function decode(schema: Schema, bytes: Buffer): Message {
  const fields = new Map(Object.entries(schema).map(([name, one]) => [one.field, { name, ...one }]))
  const message: Record<string, Value | Value[]> = {}
  for (const [name, { kind, many }] of Object.entries(schema)) message[name] = many === true ? [] : defaultOf(kind)
  const cursor = { bytes, at: 0 }
  while (cursor.at < bytes.length) {
    const tag = Number(readVarint(cursor))
    const wire = tag % 8
    const known = fields.get(Math.floor(tag / 8))
    const raw = readRaw(cursor, wire)
    if (known === undefined) continue
    const { name, kind, many } = known
    const values = valuesOf(kind, wire, raw)
    if (many === true) (message[name] as Value[]).push(...values)
    else if (values.length > 0) message[name] = values.at(-1)!
  }
  return message
}

function defaultOf(kind: Kind): Value {
  if (typeof kind === 'object') return {}
  if (kind === 'string') return ''
  if (kind === 'bytes') return new Uint8Array()
  if (kind === 'bool') return false
  return kind === 'int64' || kind === 'uint64' ? 0n : 0
}

interface Cursor {
  readonly bytes: Buffer
  at: number
}

function readRaw(cursor: Cursor, wire: number): bigint | Buffer {
  if (wire === 0) return readVarint(cursor)
  const length = wire === 1 ? 8 : wire === 5 ? 4 : wire === 2 ? Number(readVarint(cursor)) : -1
  if (length < 0 || cursor.at + length > cursor.bytes.length)
    throw new NotDecodable('The message is no protocol buffer.')
  cursor.at += length
  return cursor.bytes.subarray(cursor.at - length, cursor.at)
}

function valuesOf(kind: Kind, wire: number, raw: bigint | Buffer): Value[] {
  if (typeof raw === 'bigint') return [numberOf(kind, raw)]
  if (typeof kind === 'object') return [decode(kind, raw)]
  if (kind === 'string') return [raw.toString()]
  if (kind === 'bytes') return [raw]
  const values: Value[] = []
  if (kind === 'double') for (let at = 0; at < raw.length; at += 8) values.push(raw.readDoubleLE(at))
  else if (kind === 'float') for (let at = 0; at < raw.length; at += 4) values.push(raw.readFloatLE(at))
  else if (wire === 2)
    for (const cursor = { bytes: raw, at: 0 }; cursor.at < raw.length; ) values.push(numberOf(kind, readVarint(cursor)))
  return values
}

function numberOf(kind: Kind, raw: bigint): Value {
  if (kind === 'bool') return raw !== 0n
  if (kind === 'uint64') return raw
  const signed = BigInt.asIntN(64, raw)
  return kind === 'int64' ? signed : Number(signed)
}

function readVarint(cursor: Cursor): bigint {
  let value = 0n
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = cursor.bytes[cursor.at]
    if (byte === undefined) break
    cursor.at += 1
    value |= BigInt(byte & 127) << shift
    if (byte < 128) return BigInt.asUintN(64, value)
  }
  throw new Error('The message ends in the middle of a number.')
}

function scalar(kind: Kind, value: Value): Buffer {
  if (kind === 'double') {
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleLE(value as number)
    return bytes
  }
  if (kind === 'float') {
    const bytes = Buffer.alloc(4)
    bytes.writeFloatLE(value as number)
    return bytes
  }
  return varint(BigInt.asUintN(64, BigInt(value as number | bigint | boolean)))
}

function delimited(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint(BigInt(field * 8 + 2)), varint(BigInt(bytes.length)), bytes])
}

function varint(value: bigint): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  bytes.push(Number(rest))
  return Buffer.from(bytes)
}

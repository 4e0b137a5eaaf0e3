// The few parts of the protocol buffers wire format that an ONNX file needs: https://protobuf.dev/programming-guides/encoding

const VARINT = 0
const LENGTH = 2
const FIXED_32 = 5

/** A whole number from 0 to 2^53 - 1 as a field of type int32, int64 or enum. */
export function numberField(field: number, value: number): Uint8Array {
  return Uint8Array.from([...varint(field * 8 + VARINT), ...varint(value)])
}

/** Text, bytes or a message that consists of these fields. */
export function bytesField(field: number, content: string | Uint8Array | readonly Uint8Array[]): Uint8Array {
  const bytes =
    typeof content === 'string'
      ? new TextEncoder().encode(content)
      : content instanceof Uint8Array
        ? content
        : join(content)
  return join([Uint8Array.from([...varint(field * 8 + LENGTH), ...varint(bytes.length)]), bytes])
}

/** Whole numbers from 0 on as one packed field. */
export function numbersField(field: number, values: Iterable<number>): Uint8Array {
  const bytes: number[] = []
  for (const value of values) bytes.push(...varint(value))
  return bytesField(field, Uint8Array.from(bytes))
}

/** A float32 number as a field of its own. */
export function floatField(field: number, value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(4))
  view.setFloat32(0, value, true)
  return join([Uint8Array.from(varint(field * 8 + FIXED_32)), new Uint8Array(view.buffer)])
}

/** Float32 numbers as one packed field. */
export function floatsField(field: number, values: Float32Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 4))
  for (const [i, value] of values.entries()) view.setFloat32(i * 4, value, true)
  return bytesField(field, new Uint8Array(view.buffer))
}

/** These pieces one after the other. */
export function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  bytes.push(rest)
  return bytes
}

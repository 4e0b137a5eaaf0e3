import { promisify } from 'node:util'
import { gunzip, inflate } from 'node:zlib'
import { TruelineError } from '../../../core/errors.ts'
import type { Slices } from '../../../core/slices.ts'
import { createTurns } from '../../../core/turns.ts'
import { AT_ONCE } from '../parse-elements.ts'
import { type JsonParser, jsonParser } from '../parse-json.ts'
import { parseLarge } from './parse-large.ts'

/** How bodies and messages may be compressed. */
const decompressors = { gzip: promisify(gunzip), deflate: promisify(inflate) } as const

/** A few kilobytes become as much as a body may have, twice while they do: all of sixty at once took two gigabytes. */
const inTurn = createTurns(2)

/** Names of the compressions that are understood, besides none. */
export const encodings = Object.keys(decompressors)

/**
 * Bytes as they were before compression.
 * @param encoding name of the compression; `identity` or none where there is none
 * @param limit most bytes that they may have been
 * @throws TruelineError `unsupported` for another encoding, `body_too_large`, `invalid_request` for bytes that are damaged
 */
export async function decompressed(bytes: Buffer, encoding: string | undefined, limit: number): Promise<Buffer> {
  if (encoding === undefined || encoding === 'identity') return bytes
  if (encoding !== 'gzip' && encoding !== 'deflate')
    throw new TruelineError(
      'unsupported',
      `The encoding '${encoding}' is not one of identity, ${encodings.join(', ')}.`,
    )
  try {
    return await inTurn(() => decompressors[encoding](bytes, { maxOutputLength: limit }))
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw new TruelineError('body_too_large', `The body holds more than ${limit} bytes.`, { cause })
    throw new TruelineError('invalid_request', `The body is no ${encoding}.`, { cause })
  }
}

/**
 * The JSON of a body and the binary data behind it. Of a large one the data of tensors are parsed in slices, so that others are
 * answered meanwhile; what comes out, and which body is refused, is what JSON.parse says of the whole. Numbers of large data come as
 * `JsonNumbers`.
 * @param headerLength the header Inference-Header-Content-Length: bytes of the JSON; all when absent
 * @throws TruelineError `invalid_request`
 */
export function readBody(body: Buffer, headerLength: string | undefined, slices: Slices): RestBody | Promise<RestBody> {
  const length = headerLength === undefined ? body.length : Number(headerLength)
  if (!/^\d+$/.test(headerLength ?? '0') || length > body.length)
    throw new TruelineError(
      'invalid_request',
      `Inference-Header-Content-Length is '${headerLength}', and the body has ${body.length} bytes.`,
    )
  const text = body.subarray(0, length)
  const binary = body.subarray(length)
  if (length <= AT_ONCE) return { json: parseJson(text), binary }
  return parseLarge(text, slices, LONGS, parserOf).then((json) => ({ json, binary }))
}

/** The JSON of a request and the data behind it. */
export interface RestBody {
  readonly json: unknown
  readonly binary: Buffer
}

/**
 * Parses JSON at once.
 * @throws TruelineError `invalid_request`
 */
export function parseJson(text: Buffer): unknown {
  return parserOf(text.includes(LONGS))(text.toString())
}

/** Stands in a request that speaks of whole numbers of 64 bits. */
const LONGS = 'INT64"'

/** A parser of parts of a request; of one with whole numbers of 64 bits, those that JSON numbers do not carry come as bigint. */
function parserOf(hasLongs: boolean): JsonParser {
  return jsonParser(hasLongs ? exactly : undefined)
}

/** A reviver; its third argument came to JavaScript after the library that describes it. */
function exactly(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  const source = context?.source ?? ''
  return /^-?\d{1,20}$/.test(source) ? BigInt(source) : value
}

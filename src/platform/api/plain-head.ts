import type { IncomingHttpHeaders } from 'node:http'

/** The head of a plain predict request. */
export interface PlainHead {
  readonly model: string
  /** Length of the body. */
  readonly bytes: number
  /** In lower case, each once. */
  readonly headers: IncomingHttpHeaders
}

const LINE = /^POST \/v1\/models\/([A-Za-z0-9_-]+)\/predict HTTP\/1\.1$/
const HEADER = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?)?[ \t]*$/
const LENGTH = /^[1-9]\d{0,9}$/
const MOST_HEADERS = 64
/** They say how the body is framed or coded, or what becomes of the connection: that is left to a full parser. */
const special = [
  ...['transfer-encoding', 'content-encoding', 'expect', 'upgrade', 'trailer', 'te', 'proxy-connection'],
  'http2-settings',
]

/**
 * Reads the head of a request if all of it is plain: a POST of JSON of known length to a model's address, in HTTP/1.1, no
 * header twice, nothing about framing. What is taken here every parser reads alike, so nothing can be smuggled past one;
 * undefined for anything else.
 * @param text the head without the empty line that ends it, a character a byte
 * @param bodyLimit most bytes of a body
 */
export function readPlainHead(text: string, bodyLimit: number): PlainHead | undefined {
  const lines = text.split('\r\n')
  const model = LINE.exec(lines[0]!)?.[1]
  if (model === undefined || lines.length > MOST_HEADERS) return undefined
  const headers: Record<string, string> = Object.create(null)
  for (const line of lines.slice(1)) {
    const [, name, value = ''] = HEADER.exec(line) ?? []
    if (name === undefined) return undefined
    const lower = name.toLowerCase()
    if (lower in headers || special.includes(lower)) return undefined
    headers[lower] = value
  }
  const { 'content-length': length = '', 'content-type': type, connection = 'keep-alive', host } = headers
  if (type !== 'application/json' || connection.toLowerCase() !== 'keep-alive' || host === undefined) return undefined
  if (!LENGTH.test(length) || Number(length) > bodyLimit) return undefined
  return { model, bytes: Number(length), headers }
}

/** Heads are remembered by their text up to so many of so many bytes: a client sends the same ones again and again. */
const MOST_REMEMBERED = 1024
const LONGEST_REMEMBERED = 2048

/** Reads heads as `readPlainHead` does, and those that come again and pass a test for nearly nothing. */
export function createHeadReader(
  bodyLimit: number,
  isTaken: (head: PlainHead) => boolean,
): (text: string) => PlainHead | undefined {
  const remembered = new Map<string, PlainHead>()
  return (text) => {
    const known = remembered.get(text)
    if (known !== undefined) return known
    const head = readPlainHead(text, bodyLimit)
    if (head === undefined || !isTaken(head)) return undefined
    if (remembered.size >= MOST_REMEMBERED) remembered.clear()
    if (text.length <= LONGEST_REMEMBERED) remembered.set(text, head)
    return head
  }
}

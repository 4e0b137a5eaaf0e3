import { expect, test } from 'vitest'
import { createHeadReader, readPlainHead } from './plain-head.ts'

const LINE = 'POST /v1/models/late_flight/predict HTTP/1.1'
const usual = ['Host: 127.0.0.1', 'Content-Type: application/json', 'Content-Length: 12']
const head = (...lines: string[]): string => lines.join('\r\n')

test('a plain head is read, its headers in lower case', () => {
  expect(readPlainHead(head(LINE, ...usual, 'X-Key:  a b\t'), 100)).toEqual({
    model: 'late_flight',
    bytes: 12,
    headers: { host: '127.0.0.1', 'content-type': 'application/json', 'content-length': '12', 'x-key': 'a b' },
  })
  expect(readPlainHead(head(LINE, ...usual, 'Connection: Keep-Alive', 'Empty:'), 12)).toMatchObject({
    headers: { empty: '' },
  })
})

test.each([
  ['another method', head(LINE.replace('POST', 'PUT'), ...usual)],
  ['another address', head(LINE.replace('predict', 'answers'), ...usual)],
  ['a question', head(LINE.replace('predict', 'predict?a=1'), ...usual)],
  ['an escaped name', head(LINE.replace('late_flight', 'late%5Fflight'), ...usual)],
  ['HTTP/1.0', head(LINE.replace('1.1', '1.0'), ...usual)],
  ['two spaces', head(LINE.replace(' HTTP', '  HTTP'), ...usual)],
  ['no host', head(LINE, ...usual.slice(1))],
  ['no length', head(LINE, ...usual.slice(0, 2))],
  ['a length with a sign', head(LINE, ...usual.slice(0, 2), 'Content-Length: +12')],
  ['a length that begins with zero', head(LINE, ...usual.slice(0, 2), 'Content-Length: 012')],
  ['two lengths in one', head(LINE, ...usual.slice(0, 2), 'Content-Length: 12, 12')],
  ['an empty body', head(LINE, ...usual.slice(0, 2), 'Content-Length: 0')],
  ['a body beyond the limit', head(LINE, ...usual.slice(0, 2), 'Content-Length: 101')],
  ['a length twice', head(LINE, ...usual, 'content-length: 12')],
  ['another header twice', head(LINE, ...usual, 'x-key: a', 'X-Key: b')],
  ['chunks', head(LINE, ...usual, 'Transfer-Encoding: chunked')],
  ['a compressed body', head(LINE, ...usual, 'Content-Encoding: gzip')],
  ['an expectation', head(LINE, ...usual, 'Expect: 100-continue')],
  ['the end of the connection', head(LINE, ...usual, 'Connection: close')],
  ['an upgrade', head(LINE, ...usual, 'Connection: keep-alive, Upgrade', 'Upgrade: h2c')],
  ['another type', head(LINE, usual[0]!, 'Content-Type: application/json; charset=utf-8', usual[2]!)],
  ['a blank before the colon', head(LINE, ...usual, 'X-Key : a')],
  ['a folded line', head(LINE, ...usual, 'X-Key: a', ' b')],
  ['a line without a colon', head(LINE, ...usual, 'X-Key')],
  ['a control character', head(LINE, ...usual, 'X-Key: a\u0000b')],
  ['a lone line feed', head(LINE, ...usual, 'X-Key: a\nTransfer-Encoding: chunked')],
  ['a lone carriage return', head(LINE, ...usual, 'X-Key: a\rTransfer-Encoding: chunked')],
  ['a byte above ASCII', head(LINE, ...usual, 'X-Key: \u00e9')],
  ['too many headers', head(LINE, ...usual, ...Array.from({ length: 80 }, (_, index) => `X-${index}: a`))],
])('a head with %s is left to a full parser', (_, text) => {
  expect(readPlainHead(text, 100)).toBeUndefined()
})

test('a head that comes again is the same one, and one that was not taken is looked at anew', () => {
  let isOpen = false
  const read = createHeadReader(100, () => isOpen)
  expect(read(head(LINE, ...usual))).toBeUndefined()
  isOpen = true
  const first = read(head(LINE, ...usual))
  expect(first).toBeDefined()
  isOpen = false
  expect(read(head(LINE, ...usual))).toBe(first)
})

import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import fc from 'fast-check'
import { systemClock } from '../../core/clock.ts'
import { TruelineError } from '../../core/errors.ts'
import type { LimitsOptions } from '../../language/define/limits.ts'
import { limits } from '../../language/define/limits.ts'
import { createLoadTests } from '../../operate/serving/load-test-mode.ts'
import { createProtection, type Protection } from '../../operate/serving/protection/protection.ts'
import { answerClientError, noteAnswer } from './client-error.ts'
import type { Platform } from './platform.ts'
import type { PredictOptions } from './prediction-answers.ts'
import type { RowList } from './row-list.ts'
import { createServer } from './server.ts'

/** The two ways by which a request for predictions is answered, over one platform that answers with what it was asked. */
export interface PredictPaths extends AsyncDisposable {
  /** Ports of the server, which answers plain requests by itself, and of one that leaves all to the framework. */
  readonly direct: number
  readonly framework: number
  readonly protection: Protection
  readonly defects: TruelineError[]
}

const echo = {
  predict(model: string, rows: RowList, { features, freshness }: PredictOptions) {
    if (model === 'unknown') throw new TruelineError('unknown_model', "There is no model 'unknown'.", { path: model })
    if (model === 'busy') throw new TruelineError('overloaded', 'Too much at once.')
    const answer = {
      model,
      version: 1,
      digest: 'é',
      predictions: Array.from(rows, (row) => ({ row })),
      options: { features, freshness },
    }
    return model === 'late' ? new Promise((resolve) => setImmediate(() => resolve(answer))) : answer
  },
} as unknown as Platform

export async function predictPaths(options: LimitsOptions = {}, platform: Platform = echo): Promise<PredictPaths> {
  const protection = createProtection(limits(options), systemClock())
  const loadTests = createLoadTests(systemClock())
  const defects: TruelineError[] = []
  const app = createServer(platform, {
    ...{ version: '0', consoleFolder: '/nowhere', protection, loadTests },
    onDefect: (error) => defects.push(error),
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const plain = createHttpServer({ requireHostHeader: false }, (request, response) => {
    noteAnswer(response)
    app.routing(request, response)
  })
  plain.on('clientError', answerClientError)
  plain.on('checkExpectation', (request, response) => plain.emit('request', request, response))
  plain.listen(0, '127.0.0.1')
  await once(plain, 'listening')
  return {
    direct: (app.server.address() as AddressInfo).port,
    framework: (plain.address() as AddressInfo).port,
    protection,
    defects,
    async [Symbol.asyncDispose]() {
      plain.close()
      plain.closeAllConnections()
      app.server.closeAllConnections()
      await app.close()
    },
  }
}

/** A request after which the server ends the connection: so the end of what comes back is known. */
const LAST = 'GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n'
/** A connection that says nothing for so long waits for more than will come, milliseconds. */
const SILENCE_MS = 300
/** Turns of the event loop in which all that has come is read, and answered. */
const TURNS = 50

/** What comes back for some bytes, sent in pieces, and one more request. */
export async function exchange(port: number, pieces: readonly (string | Buffer)[]): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.on('error', () => undefined)
  const closed = new Promise((resolve) => socket.on('close', resolve))
  socket.setTimeout(SILENCE_MS, async () => {
    // On a busy machine the server, which is of this process, has had no turn for so long, either.
    const before = chunks.length
    for (let turn = 0; turn < TURNS; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    if (chunks.length === before) socket.destroy()
  })
  await once(socket, 'connect')
  socket.setNoDelay(true)
  for (const piece of pieces) {
    if (socket.writable) socket.write(piece)
    if (pieces.length > 1) await new Promise((resolve) => setImmediate(resolve))
  }
  if (socket.writable) socket.write(LAST)
  await closed
  return Buffer.concat(chunks).toString()
}

/** What the parser of HTTP, which both paths share, is told to say. */
const NO_HTTP = /This is no HTTP request|headers are larger than is taken|extensions of a chunk/

/**
 * Answers of both paths that must be the same. Where the parser found no HTTP, it ends the connection, and how many of the
 * requests before were answered by then is a matter of moments. So is it how much it loses behind a request that asks for another
 * protocol: what came in the same piece.
 */
export function sameAnswers(
  direct: string,
  framework: string,
  pieces: readonly Buffer[] = [],
): readonly [unknown[], unknown[]] {
  const both = [comparable(direct), comparable(framework)] as const
  const isUpgrade = Buffer.concat(pieces).includes('Upgrade: ')
  if (!isUpgrade && both.some((answers) => bodyOf(answers.at(-1)) === '{"live":true}')) return both
  const [a, b] = both.map((answers) => answers.filter((answer) => !NO_HTTP.test(bodyOf(answer)))) as [
    unknown[],
    unknown[],
  ]
  const known = Math.min(a.length, b.length)
  return [a.slice(0, known), b.slice(0, known)]
}

function bodyOf(answer: unknown): string {
  return (answer as { readonly body?: string } | undefined)?.body ?? ''
}

/** Answers without what differs from moment to moment, and without the order and case of headers. */
function comparable(text: string): unknown[] {
  const answers: unknown[] = []
  let rest = text
  while (rest !== '') {
    const end = rest.indexOf('\r\n\r\n')
    if (end === -1) return [...answers, rest]
    const [status, ...lines] = rest.slice(0, end).split('\r\n')
    const headers = lines
      .map((line) => line.toLowerCase())
      .filter((line) => !/^(date|keep-alive|connection):/.test(line))
    // The answer to a HEAD has the length of a body, and none.
    const isAlone = rest.startsWith('HTTP/1.1 ', end + 4)
    const length = isAlone ? 0 : Number(/content-length: (\d+)/.exec(headers.join('\n'))?.[1] ?? 0)
    const bytes = Buffer.from(rest.slice(end + 4))
    // An answer that the end of the connection cuts off is none.
    if (bytes.length < length) return answers
    answers.push({ status, headers: headers.sort(), body: bytes.toString('utf8', 0, length) })
    rest = bytes.toString('utf8', length)
  }
  return answers
}

const fill = (alternatives: readonly string[], usual: string, weight: number) =>
  fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...alternatives) })

const methods = fill(['GET', 'PUT', 'HEAD', 'OPTIONS', 'DELETE', 'post', 'P\u00d6ST', 'PATCH'], 'POST', 9)
const paths = fill(
  [
    ...['/v1/models/unknown/predict', '/v1/models/busy/predict', '/v1/models/late/predict', '/v1/models//predict'],
    ...['/v1/models/a/predict?x=1', '/v1/models/a%2Fb/predict', '/v1/models/%61/predict', '/v1/models/a/predict/'],
    ...['/V1/models/a/predict', '//v1/models/a/predict', '/v1/models/a b/predict', '*', '/v1/models/%/predict', ''],
    ...['http://127.0.0.1/v1/models/a/predict', '/v1/models/../models/a/predict', '/v1/models/a/predict#x', '/\u0000'],
    ...[
      'http://evil.example/v1/models/a/predict',
      '/v1/models/a/pr%65dict',
      '/v1/models/a%00/predict',
      '/v1/models/%C3/predict',
    ],
    ...[
      '/v1/models/a;b/predict',
      '/v1/models/a/predict?features=true',
      '/v1/models/a/predict?',
      '127.0.0.1:80',
      '/v1\\models/a/predict',
    ],
    ...[
      `/v1/models/${'a'.repeat(300)}/predict`,
      `/v1/models/${'a'.repeat(9000)}/predict`,
      `/v1/models/a/predict?${'x'.repeat(20_000)}`,
    ],
    ...['/v1/models/__proto__/predict', '/v1/models/constructor/predict', '/v1/models/a/predict\t'],
  ],
  '/v1/models/a/predict',
  18,
)
const versions = fill(
  ['HTTP/1.0', 'HTTP/1.2', 'HTTP/01.1', 'HTTP/0.9', 'HTTP/2.0', 'http/1.1', 'HTTP/1.1 ', ''],
  'HTTP/1.1',
  12,
)
const types = fill(
  [
    ...['application/json; charset=utf-8', 'APPLICATION/JSON', 'text/plain', 'application/json;', ' application/json'],
    ...[
      'application/jsonx',
      'application/x-ndjson',
      '',
      'application/json, text/plain',
      '\u0000',
      'multipart/form-data',
    ],
  ],
  'application/json',
  11,
)
const hosts = fill(['evil.example', '', 'localhost:1', '[::1]', '127.0.0.1:99999', '127.0.0.1, evil'], '127.0.0.1', 12)
const others = fc.constantFrom(
  ...[
    'Expect: 100-continue',
    'Expect: nothing',
    'Origin: http://evil.example',
    'Origin: http://127.0.0.1',
    'Origin: null',
  ],
  ...[
    'Content-Encoding: gzip',
    'Connection: close',
    'Connection: keep-alive',
    'connection: KEEP-ALIVE',
    'Connection: keep-alive, close',
    'Connection: keep-alive\r\nConnection: close',
    'Keep-Alive: timeout=1',
    'TE: trailers',
    'Expect: 100-Continue',
    'Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__',
    'Connection: upgrade\r\nUpgrade: websocket',
    'Cookie: a=b',
    'Bad Header: x',
  ],
  ...[
    'x-request-timeout-ms: 1000',
    'x-request-timeout-ms: 0',
    'x-request-timeout-ms: soon',
    'X-Request-Timeout-Ms: 5, 6',
  ],
  ...[
    'Transfer-Encoding: gzip',
    'Transfer-Encoding: chunked',
    'Transfer-Encoding: Chunked, identity',
    'Transfer-Encoding : chunked',
    'transfer-encoding:\tchunked',
    'Content-Length: 5',
    'Content-Length : 5',
    'x-trueline-load-test: none',
    'x: a\r\n\tfolded',
    'x:\tvalue\t',
    'x: a\nb: c',
    'x: a\rb: c',
    '__proto__: 1',
    'constructor: 1',
    ': empty',
    'no-colon',
    'a: b\r\n c',
    'Host: second',
    'Trailer: x',
    'X-\u00e9: \u00e9',
    'x: \u0001',
  ],
  ...['Content-Type: text/plain', 'Range: bytes=0-1', 'X-Forwarded-For: 1.2.3.4', `Filler: ${'f'.repeat(17_000)}`],
)
/** More than is parsed at once. */
const many = new Array<string>(2500).fill('{"text":"some words, and others","n":-0,"m":1e400}').join(',')
/** A character a byte. */
const asBytes = (text: string): string => Buffer.from(text).toString('latin1')
/** Bytes that are no UTF-8: alone, cut, too long for what they say, and of surrogates. */
const noTexts = fc.constantFrom(
  ...[
    '{"rows":["\xff"]}',
    '{"rows":["\xc3"]}',
    '{"rows":["\xed\xa0\x80"]}',
    '{"rows":["\xc0\xaf"]}',
    '{"rows":[1]}\x80',
  ],
  ...['\xff\xfe{\0}\0', '{"\xff":1,"rows":[{"\xfe":1}]}', '{"rows":["\xf4\x90\x80\x80"]}', '\xef\xbb{"rows":[1]}'],
  `{"rows":[${many},"\xff"]}`,
)
const texts = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 3 }).map((rows) => JSON.stringify({ rows })),
  },
  { weight: 1, arbitrary: fc.json({ maxDepth: 2 }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ...['', '{', 'null', '[]', '{"rows":[1e999]}', '{"rows":[{"a":1,"a":2}]}', '{"rows":[{"__proto__":{"x":1}}]}'],
      ...['{"rows":[{"constructor":{"prototype":1}}]}', '{"rows":[{}],"features":1}', '{"rows":[{}],"freshness":true}'],
      ...[
        '{"rows":[123456789012345678901234567890]}',
        '{"rows":["\\ud800"]}',
        '{"rows":["\u{1f600}\u0000"]}',
        '\ufeff{"rows":[1]}',
      ],
      ...[
        '{"rows":[{}]} ',
        '{"rows":[{}]}x',
        '{"__proto__":{"rows":[1]}}',
        '{"rows":{"length":1}}',
        "{'rows':[1]}",
        '[[[[[[',
      ],
      ...[
        '{"rows":[{"a":1e400}]}',
        '{"rows":[{"a":-1e400,"b":-0,"c":1e-400}]}',
        '{"rows":[-0]}',
        '{"rows":[1],"rows":[2]}',
      ],
      ...[
        '{"rows":[{"a":1}],"\\u0072ows":[{"a":2}]}',
        '{"features":true,"rows":[1],"features":false}',
        '{"rows":[01]}',
      ],
      ...['{"rows":[NaN]}', '{"rows":[1,]}', '{"rows":[1],"constructor":{"prototype":{}}}', '{"rows":[.5]}'],
      ...['{"\\u005f_proto__":1,"rows":[1]}', '{"rows":[{"\\u005f_proto__":1}]}', '{"rows":["\\udc00\\ud800"]}'],
      ...[`{"rows":[${'['.repeat(2000)}${']'.repeat(2000)}]}`, `{"rows":${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}}`],
      ...['{"rows":["\t"]}', '\u2028{"rows":[1]}', ' \r\n\t{"rows" : [ 1 ] }\n', `{"rows":[1]${' '.repeat(70_000)}}`],
      ...[
        `{"rows":[${many}],"rows":[1]}`,
        `{"rows":[${many},{"__proto__":1}]}`,
        `{"rows":[${many}`,
        `{"rows":[${many}]]`,
      ],
      ...[
        `{"rows":[${many}],"\\u0072ows":[1]}`,
        `{"rows":[${many},]}`,
        `{"features":true,"rows":[${many}],"features":false}`,
      ],
      ...[
        `\ufeff{"rows":[${many}]}`,
        `{"rows":[${many}],"x":${'['.repeat(500)}${']'.repeat(500)}}`,
        `[{"rows":[${many}]}]`,
      ],
      `{"rows":[${new Array<string>(3000).fill('{"text":"{[,]}\\""}').join(',')}]}`,
    ),
  },
)
const bodies = fc.oneof({ weight: 9, arbitrary: texts.map(asBytes) }, { weight: 1, arbitrary: noTexts })
/** How the length of a body is told. */
const framings = fill(
  [
    'none',
    'less',
    'more',
    'chunked',
    'trailers',
    'both',
    'twice',
    'same',
    'list',
    'negative',
    'word',
    'plus',
    'zeros',
    'bad chunk',
  ],
  'length',
  14,
)

function requestText(
  method: string,
  path: string,
  version: string,
  host: string,
  type: string,
  extra: readonly string[],
  framing: string,
  /** A character a byte. */
  body: string,
): string {
  const bytes = body.length
  const length = (value: number | string): string => `Content-Length: ${value}`
  const byFraming: Readonly<Record<string, readonly string[]>> = {
    length: [length(bytes)],
    less: [length(Math.max(0, bytes - 1))],
    more: [length(bytes + 7)],
    chunked: ['Transfer-Encoding: chunked'],
    trailers: ['Transfer-Encoding: chunked', 'Trailer: x'],
    same: [length(bytes), length(bytes)],
    list: [length(`${bytes}, ${bytes}`)],
    zeros: [length(`00${bytes}`)],
    'bad chunk': ['Transfer-Encoding: chunked'],
    both: ['Transfer-Encoding: chunked', length(bytes)],
    twice: [length(bytes), length(bytes + 1)],
    negative: [length(-1)],
    word: [length('ten')],
    plus: [length(`+${bytes}`)],
  }
  const framed =
    framing === 'chunked' || framing === 'both' || framing === 'trailers'
      ? `${bytes.toString(16)}\r\n${body}\r\n${bytes === 0 ? '' : `0\r\n${framing === 'trailers' ? 'x: y\r\n' : ''}\r\n`}`
      : framing === 'bad chunk'
        ? `zz\r\n${body}`
        : body
  const lines = [`Host: ${host}`, `Content-Type: ${type}`, ...extra, ...(byFraming[framing] ?? [])]
  const head = `${method} ${path}${version === '' ? '' : ` ${version}`}\r\n${lines.join('\r\n')}\r\n\r\n`
  return `${asBytes(head)}${framed}`
}

/** Bytes of one to three requests on one connection, mostly right and sometimes wrong in one or more ways, in pieces. */
export const requestPieces: fc.Arbitrary<readonly Buffer[]> = fc
  .tuple(
    fc.array(
      fc
        .tuple(methods, paths, versions, hosts, types, fc.array(others, { maxLength: 2 }), framings, bodies)
        .map((parts) => requestText(...parts)),
      { minLength: 1, maxLength: 3 },
    ),
    fc.array(fc.nat(400), { maxLength: 3 }),
  )
  .map(([requests, cuts]) => {
    const bytes = Buffer.from(requests.join(''), 'latin1')
    const pieces: Buffer[] = []
    let from = 0
    for (const cut of cuts) {
      pieces.push(bytes.subarray(from, from + cut))
      from += cut
    }
    return [...pieces, bytes.subarray(from)].filter((piece) => piece.length > 0)
  })

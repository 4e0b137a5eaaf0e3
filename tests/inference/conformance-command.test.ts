import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import { expect, test } from 'vitest'
import { startFixture } from './inference.fixture.ts'

const MAIN = join(import.meta.dirname, '../../conformance/main.ts')

function conformance(...args: readonly string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
    )
  })
}

/** A server that says of itself and its model what it should, and answers requests to the model with something. */
async function serverThat(
  infers: unknown,
  model: unknown = MODEL,
): Promise<AsyncDisposable & { readonly url: string }> {
  const answer: RequestListener = ({ url = '' }, response) => {
    const said = url === '/v2' ? { name: 'x', version: '1', extensions: ['model_repository'] } : model
    response.end(JSON.stringify(/infer|repository/.test(url) ? infers : said))
  }
  const server = createServer(answer)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
    },
  }
}

const MODEL = {
  name: 'm',
  platform: 'p',
  inputs: [{ name: 'a', datatype: 'FP64', shape: [-1] }],
  outputs: [{ name: 'o', datatype: 'FP64', shape: [-1] }],
}

test('all that a server does is said as it is done, and what has no address in the last line alone', async () => {
  await using server = await startFixture()
  const { code, stdout, stderr } = await conformance('--rest', server.rest, '--model', 'sum')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/^passed {4}rest\/server-metadata .*\n/)
  expect(stdout).not.toContain('grpc/')
  expect(stdout).toMatch(/\n\d+ passed, 0 failed, \d+ skipped\n$/)
})

test('nothing that was checked is not everything that holds: the code is 2', async () => {
  await using server = await startFixture()
  const all = await conformance('--rest', server.rest, '--model', 'sum', '--only', 'no such check')
  expect(all).toMatchObject({
    code: 2,
    stderr: "No check has 'no such check' in its name: nothing is known of this server.\n",
  })
  const skipped = await conformance('--rest', server.rest, '--model', 'sum', '--only', 'repository-unload')
  expect(skipped).toMatchObject({ code: 2, stderr: 'Every check was skipped: nothing is known of this server.\n' })
})

test('an answer without outputs holds for nothing', async () => {
  await using server = await serverThat({})
  const { code, stdout } = await conformance('--rest', server.url, '--model', 'm', '--only', 'infer', '--json')
  expect(code).toBe(1)
  const { results } = JSON.parse(stdout) as { results: { name: string; outcome: string; because?: string }[] }
  const asked = results.filter(({ name }) => name.startsWith('rest/infer'))
  expect(asked.map(({ outcome }) => outcome)).toEqual(asked.map(() => 'failed'))
  expect(asked[0]).toMatchObject({ because: 'the answer has no outputs: {}' })
})

test('an answer of another form is told as one, and not by an error of the language alone', async () => {
  await using server = await serverThat({ outputs: [{ name: 'o' }] })
  const { stdout } = await conformance('--rest', server.url, '--model', 'm', '--only', 'repository-ready')
  expect(stdout).toMatch(/the answer has not the form that the protocol gives it \(.* is not a function\)/)
})

test.each([
  ['no metadata', { model: 'm' }],
  ['a shape that is none', { ...MODEL, inputs: [{ name: 'a', datatype: 'FP64', shape: 'all' }] }],
  ['a datatype that is none', { ...MODEL, inputs: [{ name: 'a', datatype: 'FP99', shape: [-1] }] }],
])('a model that cannot be asked for its metadata ends it at once: %s', async (_, model) => {
  await using server = await serverThat({}, model)
  const { code, stdout, stderr } = await conformance('--rest', server.url, '--model', 'm')
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain('The metadata of m names no inputs and outputs to ask with: {')
})

test('who speaks another protocol is named, and the check ends', async () => {
  await using server = await startFixture()
  const other = await conformance('--rest', `http://${server.grpc}`, '--model', 'sum')
  expect(other).toMatchObject({ code: 2, stderr: expect.stringMatching(/^GET http:.*\/v2 had no answer over HTTP: /) })
  const grpc = await conformance('--grpc', new URL(server.rest).host, '--model', 'sum')
  expect(grpc).toMatchObject({ code: 2, stderr: expect.stringMatching(/ServerMetadata had no answer over gRPC: /) })
})

test.each([
  ['--rest', '127.0.0.1:8000', 'http://127.0.0.1:8000'],
  ['--rest', 'localhost:8000', 'http://127.0.0.1:8000'],
  ['--grpc', 'http://127.0.0.1:8001', '127.0.0.1:8001'],
])('%s %s is refused with how an address is written', async (option, given, example) => {
  const { code, stderr } = await conformance(option, given, '--model', 'm')
  expect({ code, stderr }).toEqual({ code: 2, stderr: `${option} is no address: ${given}. Write it as ${example}.\n` })
})

test('help is no mistake', async () => {
  const { code, stdout, stderr } = await conformance('--help')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain('--control')
})

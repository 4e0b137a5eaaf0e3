import fc from 'fast-check'
import { expect, test } from 'vitest'
import { connectGrpc } from '../../conformance/grpc-client.ts'
import { elementsOf, rawBytes, withoutContents } from '../../conformance/model-inputs.ts'
import { restClient } from '../../conformance/rest-client.ts'
import type { Message } from '../../conformance/wire.ts'
import { fuzzGrpc, fuzzRest } from './fuzz.fixture.ts'
import { startFixture } from './inference.fixture.ts'

test('spoilt requests over REST are refused with a code, or answered whole', () => fuzzRest(400, 17))

test('spoilt messages over gRPC are refused with a code, or answered by what they say', () => fuzzGrpc(600, 19))

test('rows of one caller never reach another, over either protocol, however many ask at once', async () => {
  await using server = await startFixture()
  const rest = restClient(server.rest)
  const grpc = connectGrpc(server.grpc)
  const rows = fc.array(fc.tuple(fc.integer({ min: -1e6, max: 1e6 }), fc.integer({ min: -1e6, max: 1e6 })), {
    minLength: 1,
    maxLength: 5,
  })
  const callers = fc.array(fc.record({ rows, overGrpc: fc.boolean() }), { minLength: 2, maxLength: 24 })
  await fc.assert(
    fc.asyncProperty(callers, async (all) => {
      const answers = await Promise.all(
        all.map(async ({ rows, overGrpc }, index) => {
          const inputs = ['a', 'b'].map((name, column) => {
            return { name, datatype: 'FP64', shape: [rows.length], data: rows.map((row) => row[column]!) }
          })
          const id = `caller ${index}`
          if (!overGrpc) {
            const { json } = await rest.post('/v2/models/sum/infer', { id, inputs })
            return { id: json.id, sums: json.outputs[0].data }
          }
          const request = {
            model_name: 'sum',
            id,
            inputs: inputs.map(withoutContents),
            raw_input_contents: inputs.map(rawBytes),
          }
          const { messages } = await grpc.call('ModelInfer', request)
          const [bytes] = messages[0]!['raw_output_contents'] as readonly Uint8Array[]
          return { id: (messages[0] as Message)['id'], sums: elementsOf('FP64', Buffer.from(bytes!)) }
        }),
      )
      for (const [index, { rows }] of all.entries())
        expect(answers[index]).toEqual({ id: `caller ${index}`, sums: rows.map(([a, b]) => a + b) })
    }),
    { numRuns: 15, seed: 23 },
  )
  grpc.close()
})

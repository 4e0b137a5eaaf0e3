import Fastify from 'fastify'
import { systemClock } from '../../src/core/clock.ts'
import { asTruelineError, TruelineError } from '../../src/core/errors.ts'
import { unknownName } from '../../src/core/unknown-name.ts'
import { limits } from '../../src/language/define/limits.ts'
import type { Datatype, Tensor, TensorModel, TensorSpec } from '../../src/models/inference/tensor.ts'
import { numbersOfTensor } from '../../src/models/inference/tensor-columns.ts'
import { createProtection, type Protection } from '../../src/operate/serving/protection/protection.ts'
import { errorOfRequest } from '../../src/platform/api/error-response.ts'
import { grpcMethods } from '../../src/platform/api/inference/grpc-methods.ts'
import { createGrpcServer } from '../../src/platform/api/inference/grpc-server.ts'
import { createInferenceService, type InferenceService } from '../../src/platform/api/inference/inference-service.ts'
import { addInferenceRoutes } from '../../src/platform/api/inference/rest-routes.ts'

export const allDatatypes: readonly Datatype[] = [
  ...(['BOOL', 'UINT8', 'UINT16', 'UINT32', 'UINT64', 'INT8', 'INT16', 'INT32', 'INT64'] as const),
  ...(['FP16', 'BF16', 'FP32', 'FP64', 'BYTES'] as const),
]

/** Gives back what it takes: one tensor [-1, 2] of each datatype. */
export const echo: TensorModel = {
  ...{ name: 'echo', version: '3', platform: 'test_echo', parameters: { digest: 'sha256:e' } },
  inputs: allDatatypes.map((datatype) => ({ name: `in ${datatype}`, datatype, shape: [-1, 2] })),
  outputs: allDatatypes.map((datatype) => ({ name: `out ${datatype}`, datatype, shape: [-1, 2] })),
  infer: (inputs, wanted) =>
    wanted.map((name) => ({ ...inputs.find((input) => `out ${input.name.slice(3)}` === name)!, name }) as Tensor),
  close: async () => undefined,
}

const columns: readonly TensorSpec[] = ['a', 'b'].map((name) => ({ name, datatype: 'FP64', shape: [-1], column: true }))

/** Adds two columns, late: the sum of each row, and NaN where one is missing. */
export const sum: TensorModel = {
  ...{ name: 'sum', version: '1', platform: 'test_sum', parameters: {} },
  inputs: columns,
  outputs: [{ name: 'sum', datatype: 'FP64', shape: [-1] }],
  async infer(inputs) {
    const [a, b] = inputs.map(numbersOfTensor)
    if (a!.length !== b!.length) throw new TruelineError('invalid_request', 'The columns differ in length.')
    await Promise.resolve()
    const data = a!.map((value, row) => value + b![row]!)
    return [{ name: 'sum', datatype: 'FP64', shape: [data.length], data }]
  },
  close: async () => undefined,
}

/** The protocol over both models, without a platform. */
export function fixtureService(): InferenceService {
  const models = new Map([echo, sum].map((model) => [model.name, model]))
  const unloaded = new Set<string>()
  const find = (name: string): TensorModel => {
    const found = models.get(name)
    if (found === undefined) throw unknownName('unknown_model', 'model', name, [...models.keys()])
    return found
  }
  return createInferenceService(
    {
      model(name, version) {
        const found = find(name)
        if (unloaded.has(name)) throw new TruelineError('no_model_serving', `'${name}' is unloaded.`)
        if (version !== undefined && version !== found.version)
          throw new TruelineError('unknown_version', `'${name}' has no version ${version}.`)
        return found
      },
      async index() {
        return [...models.values()].map(({ name, version }) => {
          return { name, version, state: unloaded.has(name) ? 'UNAVAILABLE' : 'READY', reason: '' }
        })
      },
      load: async (name) => void unloaded.delete(find(name).name),
      unload: async (name) => void unloaded.add(find(name).name),
    },
    systemClock(),
  )
}

export interface FixtureServer extends AsyncDisposable {
  readonly rest: string
  readonly grpc: string
  /** Errors that were the server's fault. */
  readonly defects: readonly unknown[]
}

/** Both servers, on ports of their own. */
export async function startFixture(
  messageLimit = 1024 * 1024,
  protection: Protection = createProtection(limits(), systemClock()),
  admit: Parameters<typeof createGrpcServer>[0]['admit'] = () => undefined,
): Promise<FixtureServer> {
  const service = fixtureService()
  const defects: unknown[] = []
  const noted = (error: TruelineError): TruelineError => {
    if (error.status === 500) defects.push(error)
    return error
  }
  const app = Fastify({ bodyLimit: messageLimit })
  addInferenceRoutes(app, {
    ...{ service, ready: () => true, protection },
    errorOf: (thrown) => noted(errorOfRequest(thrown, messageLimit)),
  })
  const methods = grpcMethods(service, () => true, protection)
  const grpc = createGrpcServer({
    methods,
    messageLimit,
    admit,
    errorOf: (thrown) => noted(asTruelineError(thrown)),
  })
  return {
    rest: await app.listen({ port: 0, host: '127.0.0.1' }),
    grpc: await grpc.listen(0, '127.0.0.1'),
    defects,
    async [Symbol.asyncDispose]() {
      await Promise.all([app.close(), grpc.close()])
    },
  }
}

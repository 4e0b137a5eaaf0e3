// The server of the infer benchmark: the inference protocol over REST and gRPC in one process.
import Fastify from 'fastify'
import { systemClock } from '../src/core/clock.ts'
import { asTruelineError } from '../src/core/errors.ts'
import { limits } from '../src/language/define/limits.ts'
import { createProtection } from '../src/operate/serving/protection/protection.ts'
import { grpcMethods } from '../src/platform/api/inference/grpc-methods.ts'
import { createGrpcServer } from '../src/platform/api/inference/grpc-server.ts'
import { createInferenceService } from '../src/platform/api/inference/inference-service.ts'
import { addInferenceRoutes } from '../src/platform/api/inference/rest-routes.ts'
import { answerQuestions, ownUsage, type Usage } from './child.ts'
import { sumModel } from './infer-model.ts'

export interface InferAddresses {
  readonly rest: string
  readonly grpc: string
}

export type InferUsage = Usage & { readonly inferences: number }

const service = createInferenceService(
  { model: () => sumModel, index: async () => [], load: async () => undefined, unload: async () => undefined },
  systemClock(),
)
const protection = createProtection(limits(), systemClock())
const app = Fastify()
addInferenceRoutes(app, { service, ready: () => true, protection, errorOf: asTruelineError })
const grpc = createGrpcServer({
  ...{
    methods: grpcMethods(service, () => true, protection),
    messageLimit: 2 ** 20,
    admit: () => undefined,
    errorOf: asTruelineError,
  },
})
const host = '127.0.0.1'
const starting = Promise.all([app.listen({ port: 0, host }), grpc.listen(0, host)])
answerQuestions<'addresses' | 'usage'>(
  async (question) => {
    const [rest, address] = await starting
    if (question === 'addresses') return { rest, grpc: address } satisfies InferAddresses
    const counted = await service.statistics(sumModel.name, undefined)
    const inferences = counted.reduce((sum, { inference_count }) => sum + inference_count, 0)
    return { inferences, ...ownUsage() } satisfies InferUsage
  },
  async () => {
    await Promise.all([app.close(), grpc.close()])
  },
)

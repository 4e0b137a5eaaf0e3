import type { IncomingHttpHeaders } from 'node:http'
import { asTruelineError, TruelineError } from '../../../core/errors.ts'
import { freeMemory } from '../../../core/free-memory.ts'
import { allAtOnce, inSlices, type Steps } from '../../../core/slices.ts'
import { ProtobufReader } from '../../../models/inference/protobuf-reader.ts'
import { ProtobufWriter } from '../../../models/inference/protobuf-writer.ts'
import type { OnGone, TensorSpec } from '../../../models/inference/tensor.ts'
import { answerInQueue } from '../../../operate/serving/protection/answer-in-queue.ts'
import type { Protection } from '../../../operate/serving/protection/protection.ts'
import { AT_ONCE } from '../parse-elements.ts'
import { grpcAnswer, PREFIX_BYTES, readGrpcInference, readParameter } from './grpc-inference.ts'
import type { AskedInference, InferenceService } from './inference-service.ts'
import { modelMetadata, serverMetadata } from './metadata.ts'
import type { Duration, ModelStatistics } from './statistics.ts'
import { refuseUnsupported } from './unsupported.ts'

/** What is known of a call besides its messages. */
export interface GrpcAsked {
  readonly headers: IncomingHttpHeaders
  /** The caller may go before the answer. */
  readonly onGone: OnGone
  /** Milliseconds that the call may take, where the client says so. */
  readonly timeout?: number | undefined
  /** The memory of the message where nothing else is in it: to be given back once it is read. */
  readonly room?: Buffer
}

/** A method of a gRPC service. */
export interface GrpcMethod {
  /** The client sends any number of messages, and each is answered by one, in their order. */
  readonly streams: boolean
  /** Says whether we live or are ready: limits of rates do not hold for it. */
  readonly isProbe: boolean
  /**
   * Answers a message.
   * @returns the answer, behind `PREFIX_BYTES` that are left free
   * @throws TruelineError
   */
  answer(message: Buffer, asked: GrpcAsked): ProtobufWriter | Promise<ProtobufWriter>
}

type Answer = GrpcMethod['answer']

const SERVICE = '/inference.GRPCInferenceService/'
const PROBES = new Set(['ServerLive', 'ServerReady', 'ModelReady'])

/**
 * The methods of `inference.GRPCInferenceService` by their paths: those of the Open Inference Protocol, and of Triton's extensions
 * for the model repository, statistics and streams.
 * @param ready whether all models that should serve do
 */
export function grpcMethods(
  service: InferenceService,
  ready: () => boolean,
  protection: Protection,
): ReadonlyMap<string, GrpcMethod> {
  function inQueue<Reply>(message: Buffer, timeout: number | undefined, work: () => Reply | Promise<Reply>) {
    const asked = timeout === undefined ? undefined : String(Math.max(1, Math.ceil(timeout)))
    return answerInQueue(protection, message.length, protection.deadlineOf(asked), work)
  }

  const unary: Readonly<Record<string, Answer>> = {
    ServerLive: () => written((writer) => writer.bool(1, true)),
    ServerReady: () => written((writer) => writer.bool(1, ready())),
    ServerMetadata: () =>
      written((writer) => {
        writer.string(1, serverMetadata.name)
        writer.string(2, serverMetadata.version)
        for (const extension of serverMetadata.extensions) writer.element(3, extension)
      }),
    ModelReady: (message) => written((writer) => writer.bool(1, isReady(service, readNames(message)))),
    ModelMetadata: (message) => writeMetadata(service, readNames(message)),
    ModelInfer: (message, asked) =>
      inQueue(message, asked.timeout, () => inferOne(service, protection, message, asked, false)),
    ModelStatistics: async (message) => {
      const [name, version] = readNames(message)
      const statistics = await service.statistics(name === '' ? undefined : name, version)
      return written((writer) => {
        for (const one of statistics) writer.message(1, () => writeStatistics(writer, one))
      })
    },
    RepositoryIndex: async (message) => {
      const onlyReady = readReady(message)
      const entries = (await service.index()).filter(({ state }) => !onlyReady || state === 'READY')
      return written((writer) => {
        for (const { name, version, state, reason } of entries)
          writer.message(1, () => {
            writer.string(1, name)
            writer.string(2, version)
            writer.string(3, state)
            writer.string(4, reason)
          })
      })
    },
    RepositoryModelLoad: async (message) => {
      const { name, parameters } = readRepositoryRequest(message)
      refuseUnsupported('load', parameters, 'The request')
      await service.load(name)
      return written(() => undefined)
    },
    RepositoryModelUnload: async (message) => {
      await service.unload(readRepositoryRequest(message).name)
      return written(() => undefined)
    },
  }
  const methods = new Map<string, GrpcMethod>()
  for (const [name, answer] of Object.entries(unary))
    methods.set(SERVICE + name, { streams: false, isProbe: PROBES.has(name), answer })
  methods.set(`${SERVICE}ModelStreamInfer`, {
    streams: true,
    isProbe: false,
    answer: (message, asked) =>
      toldInStream(message, () =>
        inQueue(message, undefined, () => inferOne(service, protection, message, asked, true)),
      ),
  })
  return methods
}

/** Trouble with one request of a stream is told in its answer, with its id as Triton does, and the stream goes on. */
async function toldInStream(
  message: Buffer,
  answer: () => ProtobufWriter | Promise<ProtobufWriter>,
): Promise<ProtobufWriter> {
  try {
    return await answer()
  } catch (thrown) {
    const { code, message: said, remedy } = asTruelineError(thrown)
    return written((writer) => {
      writer.string(1, `${code}: ${said} ${remedy}`)
      const id = idOf(message)
      if (id !== '') writer.message(2, () => writer.string(3, id))
    })
  }
}

/** The id of a request, as far as there is one. */
function idOf(message: Buffer): string {
  try {
    return readGrpcInference(message).id ?? ''
  } catch {
    // What is wrong with the message is what is being told.
    return ''
  }
}

function inferOne(
  service: InferenceService,
  protection: Protection,
  message: Buffer,
  { headers, onGone, room }: GrpcAsked,
  isInStream: boolean,
): ProtobufWriter | Promise<ProtobufWriter> {
  const { model, version, isRaw, read } = readGrpcInference(message)
  protection.callers.saw(model, headers)
  const isLarge = message.length > AT_ONCE
  const inTurn = <Result>(steps: Steps<Result>): Result | Promise<Result> =>
    isLarge ? inSlices(steps, protection.slices) : allAtOnce(steps)
  function* reading(): Steps<AskedInference> {
    const asked = yield* read()
    // Texts among typed contents lie in the message, and nothing of raw ones does.
    if (isRaw && room !== undefined) freeMemory(room)
    return asked
  }
  return service.infer(
    model,
    version,
    () => inTurn(reading()),
    (answer) => inTurn(grpcAnswer(answer, isRaw, isInStream)),
    onGone,
  )
}

function written(write: (writer: ProtobufWriter) => void): ProtobufWriter {
  const writer = new ProtobufWriter(PREFIX_BYTES)
  write(writer)
  return writer
}

/** A message of a name and a version; the version undefined where the server is to choose. */
function readNames(message: Buffer): readonly [name: string, version: string | undefined] {
  const reader = new ProtobufReader(message)
  let name = ''
  let version = ''
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 1) name = reader.string()
    else if (field === 2) version = reader.string()
    else reader.skip()
  return [name, version === '' ? undefined : version]
}

function readReady(message: Buffer): boolean {
  const reader = new ProtobufReader(message)
  let ready = false
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 2) ready = reader.bool()
    else reader.skip()
  return ready
}

function readRepositoryRequest(message: Buffer) {
  const reader = new ProtobufReader(message)
  let name = ''
  const parameters: Record<string, unknown> = {}
  for (let field = reader.next(); field !== 0; field = reader.next())
    if (field === 2) name = reader.string()
    else if (field === 3) readParameter(reader.bytes(), parameters)
    else reader.skip()
  return { name, parameters }
}

function isReady(service: InferenceService, [name, version]: ReturnType<typeof readNames>): boolean {
  try {
    service.model(name, version)
    return true
  } catch (thrown) {
    if (thrown instanceof TruelineError && thrown.code === 'no_model_serving') return false
    throw thrown
  }
}

function writeMetadata(service: InferenceService, [model, version]: ReturnType<typeof readNames>): ProtobufWriter {
  const { name, versions, platform, inputs, outputs } = modelMetadata(service.model(model, version))
  return written((writer) => {
    const writeSpec = (field: number, { name: tensor, datatype, shape }: TensorSpec): void =>
      writer.message(field, () => {
        writer.string(1, tensor)
        writer.string(2, datatype)
        writer.int64s(3, shape)
      })
    writer.string(1, name)
    for (const one of versions) writer.element(2, one)
    writer.string(3, platform)
    for (const input of inputs) writeSpec(4, input)
    for (const output of outputs) writeSpec(5, output)
  })
}

function writeStatistics(writer: ProtobufWriter, statistics: ModelStatistics): void {
  const writeDuration = (field: number, { count, ns }: Duration): void =>
    writer.message(field, () => {
      writer.uint64(1, count)
      writer.uint64(2, ns)
    })
  writer.string(1, statistics.name)
  writer.string(2, statistics.version)
  writer.uint64(3, statistics.last_inference)
  writer.uint64(4, statistics.inference_count)
  writer.uint64(5, statistics.execution_count)
  const { success, fail, queue, compute_input, compute_infer, compute_output, cache_hit, cache_miss } =
    statistics.inference_stats
  const durations = [success, fail, queue, compute_input, compute_infer, compute_output, cache_hit, cache_miss]
  writer.message(6, () => {
    for (const [index, duration] of durations.entries()) writeDuration(index + 1, duration)
  })
  for (const batch of statistics.batch_stats)
    writer.message(7, () => {
      writer.uint64(1, batch.batch_size)
      writeDuration(2, batch.compute_input)
      writeDuration(3, batch.compute_infer)
      writeDuration(4, batch.compute_output)
    })
}

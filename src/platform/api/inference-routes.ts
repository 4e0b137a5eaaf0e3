import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { TruelineError } from '../../core/errors.ts'
import { errorOfRequest } from './error-response.ts'
import type { Platform } from './platform.ts'
import type { RawColumn, ServedModel } from './prediction-answers.ts'

interface Tensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly datatype: string
  readonly data: readonly unknown[]
}

interface InferRequest {
  readonly id?: string
  readonly inputs?: readonly Tensor[]
  readonly outputs?: readonly { readonly name: string }[]
}

interface ModelPath {
  readonly model: string
  readonly version?: string
}

/** Whether a number is one of a datatype of the protocol; 64-bit integers as far as JSON carries them exactly. */
const domains: Readonly<Record<string, (value: number) => boolean>> = {
  FP64: Number.isFinite,
  FP32: Number.isFinite,
  FP16: Number.isFinite,
  INT64: Number.isSafeInteger,
  INT32: wholeIn(-(2 ** 31), 2 ** 31 - 1),
  INT16: wholeIn(-(2 ** 15), 2 ** 15 - 1),
  INT8: wholeIn(-(2 ** 7), 2 ** 7 - 1),
  UINT64: wholeIn(0, Number.MAX_SAFE_INTEGER),
  UINT32: wholeIn(0, 2 ** 32 - 1),
  UINT16: wholeIn(0, 2 ** 16 - 1),
  UINT8: wholeIn(0, 2 ** 8 - 1),
  BOOL: wholeIn(0, 1),
}
const MOST_ROWS = 100_000

/**
 * The Open Inference Protocol over REST. A model takes one tensor per input of its vector, before any encoding: numbers or
 * bools, or BYTES for a text, each of shape [rows] or [rows, 1]; null is a missing value. Errors have the protocol's own shape, `{error}`.
 */
export function addInferenceRoutes(app: FastifyInstance, platform: Platform, version: string): void {
  app.register(async (scope) => {
    scope.setErrorHandler((thrown, _request, reply) => {
      const error = errorOfRequest(thrown)
      return reply.code(error.status).send({ error: `${error.code}: ${error.message} ${error.remedy}` })
    })
    scope.get('/v2', async () => ({ name: 'trueline', version, extensions: [] }))
    scope.get('/v2/health/live', async () => ({ live: true }))
    scope.get('/v2/health/ready', async (_request, reply) =>
      reply.code(platform.ready() ? 200 : 503).send({ ready: platform.ready() }),
    )
    for (const base of ['/v2/models/:model', '/v2/models/:model/versions/:version']) {
      scope.get(base, async (request: FastifyRequest<{ Params: ModelPath }>) =>
        metadataOf(served(platform, request.params)),
      )
      scope.get(`${base}/ready`, async (request: FastifyRequest<{ Params: ModelPath }>, reply: FastifyReply) => {
        served(platform, request.params)
        return reply.send({ ready: true })
      })
      scope.post(`${base}/infer`, async (request: FastifyRequest<{ Params: ModelPath; Body: InferRequest }>) =>
        infer(served(platform, request.params), request.body),
      )
    }
  })
}

function served(platform: Platform, { model, version }: ModelPath): ServedModel {
  const found = platform.servedModel(model)
  if (version !== undefined && version !== String(found.version))
    throw new TruelineError('unknown_version', `Model '${model}' serves version ${found.version}, not ${version}.`)
  return found
}

function metadataOf(model: ServedModel): object {
  const outputs = [{ name: 'score', datatype: 'FP64', shape: [-1] }]
  if (model.decides) outputs.push({ name: 'decision', datatype: 'BYTES', shape: [-1] })
  return {
    name: model.model,
    versions: [String(model.version)],
    platform: 'trueline_forest',
    inputs: model.inputs.map(({ name, isText }) => ({ name, datatype: isText ? 'BYTES' : 'FP64', shape: [-1] })),
    outputs,
    parameters: { digest: model.digest },
  }
}

async function infer(model: ServedModel, body: InferRequest): Promise<object> {
  const columns = readInputs(model, body)
  const wanted = readOutputs(model, body)
  const id = readId(body)
  const rows = columns[0]?.length ?? 0
  const answers = await model.infer(columns, rows)
  const outputs = wanted.map((name): Tensor => {
    const shape = { name, shape: [rows] }
    return name === 'score'
      ? { ...shape, datatype: 'FP64', data: answers.map(({ score }) => score) }
      : { ...shape, datatype: 'BYTES', data: answers.map(({ decision }) => decision) }
  })
  return {
    model_name: model.model,
    model_version: String(model.version),
    ...(id === undefined ? {} : { id }),
    parameters: { digest: model.digest },
    outputs,
  }
}

/** Names of the outputs asked for; all of the model's when none is. */
function readOutputs(model: ServedModel, { outputs }: InferRequest): string[] {
  const names = model.decides ? ['score', 'decision'] : ['score']
  if (outputs === undefined) return names
  if (!Array.isArray(outputs)) throw invalid('outputs', 'must be an array')
  return (outputs as readonly { readonly name?: unknown }[]).map((output, index) => {
    const name = output?.name
    if (typeof name !== 'string' || !names.includes(name))
      throw invalid(`outputs[${index}]`, `names none of the model's outputs, ${names.join(' and ')}`)
    return name
  })
}

function readId({ id }: InferRequest): string | undefined {
  if (id === undefined || typeof id === 'string') return id
  throw invalid('id', 'must be a string')
}

function readInputs(model: ServedModel, body: InferRequest): RawColumn[] {
  const given = body?.inputs
  if (!Array.isArray(given)) throw invalid('inputs', 'must be an array of tensors')
  const byName = new Map<string, Tensor>()
  for (const [index, tensor] of (given as readonly Tensor[]).entries()) {
    if (typeof tensor?.name !== 'string') throw invalid(`inputs[${index}].name`, 'must be a string')
    if (!model.inputs.some(({ name }) => name === tensor.name))
      throw invalid(`inputs[${index}]`, `names '${tensor.name}', which the model does not take`)
    if (byName.has(tensor.name)) throw invalid(`inputs[${index}]`, `names '${tensor.name}' a second time`)
    byName.set(tensor.name, tensor)
  }
  let rows: number | undefined
  return model.inputs.map(({ name, isText }) => {
    const tensor = byName.get(name)
    if (tensor === undefined) throw invalid('inputs', `lack the tensor '${name}'`)
    const column = isText ? readTexts(tensor) : readNumbers(tensor)
    rows ??= column.length
    if (column.length !== rows)
      throw invalid(name, `has ${column.length} rows where the tensors before it have ${rows}`)
    return column
  })
}

function readNumbers(tensor: Tensor): Float64Array {
  const { name, datatype } = tensor
  const isInDomain = Object.hasOwn(domains, datatype) ? domains[datatype] : undefined
  if (isInDomain === undefined) throw invalid(name, `has the datatype '${datatype}'; the model takes numbers`)
  return Float64Array.from(valuesOf(tensor), (value, index) => {
    const number = typeof value === 'boolean' ? Number(value) : value
    if (number !== null && (typeof number !== 'number' || !isInDomain(number)))
      throw invalid(`${name}[${index}]`, `is no ${datatype}`)
    return number ?? Number.NaN
  })
}

function readTexts(tensor: Tensor): (string | null)[] {
  const { name, datatype } = tensor
  if (datatype !== 'BYTES') throw invalid(name, `has the datatype '${datatype}'; the model takes texts`)
  return valuesOf(tensor).map((value, index) => {
    if (value !== null && typeof value !== 'string') throw invalid(`${name}[${index}]`, 'is no text')
    return value
  })
}

function valuesOf({ name, shape, data }: Tensor): readonly unknown[] {
  const [rows, width = 1] = Array.isArray(shape) ? (shape as unknown[]) : []
  if (typeof rows !== 'number' || !Number.isSafeInteger(rows) || rows < 0 || width !== 1 || shape.length > 2)
    throw invalid(name, 'has no shape [rows] or [rows, 1]')
  const flat: unknown[] = Array.isArray(data) ? data.flat() : []
  if (flat.length !== rows || rows > MOST_ROWS)
    throw invalid(name, `has ${flat.length} values for the shape [${shape.join(', ')}], at most ${MOST_ROWS} in all`)
  return flat
}

function wholeIn(least: number, most: number): (value: number) => boolean {
  return (value) => Number.isInteger(value) && value >= least && value <= most
}

function invalid(path: string, what: string): TruelineError {
  return new TruelineError('invalid_request', `${path} ${what}.`, { path })
}

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { TruelineError } from '../../core/errors.ts'
import { errorOfRequest } from './error-response.ts'
import type { Platform, ServedModel } from './platform.ts'

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

const numeric = new Set([
  'FP64',
  'FP32',
  'FP16',
  'INT64',
  'INT32',
  'INT16',
  'INT8',
  'UINT64',
  'UINT32',
  'UINT16',
  'UINT8',
  'BOOL',
])
const MOST_ROWS = 100_000

/**
 * The Open Inference Protocol over REST. A model takes one FP64 tensor per input, each of shape [rows]; null is a
 * missing value. Errors have the protocol's own shape, `{error}`.
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
    inputs: model.inputs.map((name) => ({ name, datatype: 'FP64', shape: [-1] })),
    outputs,
    parameters: { digest: model.digest },
  }
}

function infer(model: ServedModel, body: InferRequest): object {
  const columns = readInputs(model, body)
  const rows = columns[0]?.length ?? 0
  const vector = new Float64Array(model.inputs.length)
  const scores: number[] = []
  const decisions: string[] = []
  for (let row = 0; row < rows; row += 1) {
    for (const [index, column] of columns.entries()) vector[index] = column[row] as number
    const { score, decision } = model.infer(vector)
    scores.push(score)
    if (decision !== undefined) decisions.push(decision)
  }
  const all: Tensor[] = [{ name: 'score', datatype: 'FP64', shape: [rows], data: scores }]
  if (model.decides) all.push({ name: 'decision', datatype: 'BYTES', shape: [rows], data: decisions })
  const asked = body.outputs?.map((output) => output.name)
  const unknown = asked?.find((name) => !all.some((output) => output.name === name))
  if (unknown !== undefined)
    throw new TruelineError('invalid_request', `The model has no output '${unknown}'.`, { path: 'outputs' })
  return {
    model_name: model.model,
    model_version: String(model.version),
    ...(body.id === undefined ? {} : { id: body.id }),
    parameters: { digest: model.digest },
    outputs: all.filter((output) => asked === undefined || asked.includes(output.name)),
  }
}

function readInputs(model: ServedModel, body: InferRequest): Float64Array[] {
  const given = body?.inputs
  if (!Array.isArray(given)) throw invalid('inputs', 'must be an array of tensors')
  const byName = new Map<string, Tensor>()
  for (const [index, tensor] of (given as readonly Tensor[]).entries()) {
    if (typeof tensor?.name !== 'string') throw invalid(`inputs[${index}].name`, 'must be a string')
    if (!model.inputs.includes(tensor.name))
      throw invalid(`inputs[${index}]`, `names '${tensor.name}', which the model does not take`)
    if (byName.has(tensor.name)) throw invalid(`inputs[${index}]`, `names '${tensor.name}' a second time`)
    byName.set(tensor.name, tensor)
  }
  let rows: number | undefined
  return model.inputs.map((name) => {
    const tensor = byName.get(name)
    if (tensor === undefined) throw invalid('inputs', `lack the tensor '${name}'`)
    const column = readTensor(tensor)
    rows ??= column.length
    if (column.length !== rows)
      throw invalid(name, `has ${column.length} rows where the tensors before it have ${rows}`)
    return column
  })
}

function readTensor({ name, shape, datatype, data }: Tensor): Float64Array {
  if (!numeric.has(datatype)) throw invalid(name, `has the datatype '${datatype}'; the model takes numbers`)
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= 0))
    throw invalid(name, 'has no valid shape')
  const size = (shape as readonly number[]).reduce((product, dimension) => product * dimension, 1)
  const flat: unknown[] = Array.isArray(data) ? data.flat(4) : []
  if (flat.length !== size || size > MOST_ROWS)
    throw invalid(name, `has ${flat.length} values for the shape [${shape.join(', ')}], at most ${MOST_ROWS} in all`)
  const values = new Float64Array(size)
  for (const [index, value] of flat.entries()) {
    const number = value === null ? Number.NaN : typeof value === 'boolean' ? Number(value) : value
    if (typeof number !== 'number') throw invalid(`${name}[${index}]`, 'is not a number')
    values[index] = number
  }
  return values
}

function invalid(path: string, what: string): TruelineError {
  return new TruelineError('invalid_request', `${path} ${what}.`, { path })
}

import { TruelineError } from '../../../core/errors.ts'
import type { Tensor, TensorModel, TensorSpec } from '../../../models/inference/tensor.ts'

/**
 * The tensors of a request in the order of the model's inputs.
 * @throws TruelineError `invalid_request` where one lacks, is given twice, is no input, or has another datatype or shape
 */
export function matchInputs({ inputs }: TensorModel, given: readonly Tensor[]): readonly Tensor[] {
  // As most clients send them, and as no other order can be taken for.
  if (given.length === inputs.length && given.every(({ name }, index) => name === inputs[index]!.name)) {
    for (let index = 0; index < given.length; index += 1) check(inputs[index]!, given[index]!)
    return given
  }
  const byName = new Map<string, Tensor>()
  for (const [index, tensor] of given.entries()) {
    if (!inputs.some(({ name }) => name === tensor.name))
      throw invalid(`inputs[${index}]`, `names '${tensor.name}', which the model does not take`)
    if (byName.has(tensor.name)) throw invalid(`inputs[${index}]`, `names '${tensor.name}' a second time`)
    byName.set(tensor.name, tensor)
  }
  return inputs.map((spec) => {
    const tensor = byName.get(spec.name)
    if (tensor === undefined) throw invalid('inputs', `lack the tensor '${spec.name}'`)
    check(spec, tensor)
    return tensor
  })
}

/**
 * Names of the outputs asked for; all of the model's when none are.
 * @throws TruelineError `invalid_request` for a name that is no output, or comes twice
 */
export function matchOutputs({ outputs }: TensorModel, asked: readonly string[] | undefined): readonly string[] {
  const names = outputs.map(({ name }) => name)
  if (asked === undefined || asked.length === 0) return names
  for (const [index, name] of asked.entries()) {
    if (!names.includes(name))
      throw invalid(`outputs[${index}]`, `names none of the model's outputs, ${names.join(', ')}`)
    if (asked.indexOf(name) !== index) throw invalid(`outputs[${index}]`, `names '${name}' a second time`)
  }
  return asked
}

function check(spec: TensorSpec, { name, datatype, shape, missing }: Tensor): void {
  if (spec.column === true) {
    if ((spec.datatype === 'BYTES') !== (datatype === 'BYTES'))
      throw invalid(name, `has the datatype ${datatype}; the model takes ${spec.datatype}`)
    if (shape.length === 1 || (shape.length === 2 && shape[1] === 1)) return
    throw invalid(name, `has the shape [${shape.join(', ')}]; the model takes [rows] or [rows, 1]`)
  }
  if (datatype !== spec.datatype) throw invalid(name, `has the datatype ${datatype}; the model takes ${spec.datatype}`)
  const fits =
    shape.length === spec.shape.length && shape.every((size, i) => spec.shape[i] === -1 || spec.shape[i] === size)
  if (!fits) throw invalid(name, `has the shape [${shape.join(', ')}]; the model takes [${spec.shape.join(', ')}]`)
  if (missing !== undefined) throw invalid(name, 'has missing elements, which the model does not take')
}

function invalid(path: string, what: string): TruelineError {
  return new TruelineError('invalid_request', `${path} ${what}.`, { path })
}

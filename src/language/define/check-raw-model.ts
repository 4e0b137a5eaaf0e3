import type { ProjectDefinition } from './definitions.ts'
import type { Mistakes } from './mistakes.ts'
import type { RawModelDefinition } from './raw-model-definition.ts'

/** Whether a raw model can be told from the models, and names a file. */
export function checkRawModel(
  { name, file, warmup = {} }: RawModelDefinition,
  { models }: ProjectDefinition,
  mistakes: Mistakes,
): void {
  if (models[name] !== undefined)
    mistakes.add('definition_invalid', '', `A model has the same name, and both are asked for by it.`)
  if (typeof file !== 'string' || file === '')
    mistakes.add('definition_invalid', 'file', 'It must be the path of a file.')
  for (const [input, shape] of Object.entries(warmup))
    if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= 0))
      mistakes.add('definition_invalid', `warmup.${input}`, 'It must be a list of whole numbers from 0 on.')
}

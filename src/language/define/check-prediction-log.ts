import { DAY } from '../../core/time.ts'
import { checkAddress } from './check-address.ts'
import type { ModelDefinition, ProjectDefinition } from './definitions.ts'
import type { Mistakes } from './mistakes.ts'
import type { PredictionsDefinition } from './prediction-log-definition.ts'

/** Checks `serve.log` of a model. */
export function checkPredictionLog(model: ModelDefinition, project: ProjectDefinition, mistakes: Mistakes): void {
  const { log } = model.serve
  if (typeof log === 'string') {
    if (log !== 'group' && log !== 'sync') mistakes.add('definition_invalid', 'serve.log', "It is 'group' or 'sync'.")
    return
  }
  checkRetention(log, 'serve.log', mistakes)
  const { sample = 1, mask = [] } = log
  if (!(sample > 0 && sample <= 1))
    mistakes.add('definition_invalid', 'serve.log.sample', 'It must lie above 0 and be at most 1.')
  const schema = project.streams[model.at]?.schema ?? {}
  for (const column of mask) {
    mistakes.known('unknown_column', 'serve.log.mask', 'column', column, Object.keys(schema))
    if (Object.hasOwn(model.label.on, column) || column === model.time)
      mistakes.add(
        'definition_invalid',
        'serve.log.mask',
        `'${column}' is needed to find the outcome of a prediction: call it sensitive in the stream, and it is sealed.`,
      )
  }
}

/** Checks what a project says about the predictions of all models. */
export function checkPredictions(definition: PredictionsDefinition, mistakes: Mistakes): void {
  checkRetention(definition, '', mistakes)
  if (definition.sink !== undefined) checkAddress(definition.sink, 'sink', mistakes)
}

/** Files of the lake hold a day, so less cannot be kept. */
function checkRetention(
  { retain, disk }: { readonly retain?: number; readonly disk?: number },
  place: string,
  mistakes: Mistakes,
): void {
  const at = (name: string): string => (place === '' ? name : `${place}.${name}`)
  if (retain !== undefined && retain < DAY)
    mistakes.add('definition_invalid', at('retain'), 'Predictions are kept for a day at least.')
  if (disk !== undefined && !(disk > 0)) mistakes.add('definition_invalid', at('disk'), 'It must be above 0.')
}

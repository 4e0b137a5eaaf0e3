import { join } from 'node:path'
import { parseTime } from '../src/core/time.ts'
import type { ProjectDefinition } from '../src/language/define/definitions.ts'
import { limits } from '../src/language/define/limits.ts'
import { loadProject } from '../src/platform/app/load-project.ts'

export const MODEL = 'late_flight'

/** When the benchmark's clock starts, in microseconds. */
export const NOON = parseTime('2001-02-01T12:00:00Z')

/** The flights example with as many trees as its model may have: 200, of depth 6; and time for large requests on a busy machine. */
export async function benchProject(): Promise<ProjectDefinition> {
  const project = await loadProject(join(import.meta.dirname, '../examples/flights/trueline.config.ts'))
  const model = project.models[MODEL]!
  const trainer = { ...model.trainer, parameters: { ...model.trainer.parameters, earlyStopping: 0 } }
  return {
    ...project,
    limits: limits({ deadline: '60s' }),
    models: { ...project.models, [MODEL]: { ...model, trainer } },
  }
}

import { planVector, sequencesOf } from '../../../data/features/vector.ts'
import type { ModelBundle } from '../../../models/registry/bundle.ts'

/**
 * The streams that features of a model are made from and that no source brings by itself. A replica knows what reaches it: where events are
 * sent, they have to be sent to all.
 */
export function streamsToSend({ model, definition }: Pick<ModelBundle, 'model' | 'definition'>): string[] {
  const sources = Object.values(definition.sources ?? {}).filter(({ schedule }) => schedule !== undefined)
  const brought = new Set(sources.map(({ into }) => into))
  const read = sequencesOf(planVector(definition.models[model]!, definition)).map(({ stream }) => stream)
  return [...new Set(read)].filter((stream) => !brought.has(stream)).sort()
}

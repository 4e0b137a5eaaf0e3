import type { Schema } from '../../core/data-type.ts'
import { namedDecisions } from './decision-bands.ts'
import type { ModelDefinition } from './definitions.ts'
import type { Mistakes } from './mistakes.ts'

/**
 * Checks what is said of those who ask a model: a column or decision that is not there is a misspelt one, or one that
 * somebody relies on and has just been taken away.
 */
export function checkConsumers(definition: ModelDefinition, schema: Schema, mistakes: Mistakes): void {
  const seen = new Set<string>()
  const named = namedDecisions(definition)
  for (const { name, by, uses = [], decisions = [] } of definition.serve.consumers ?? []) {
    const place = `serve.consumers ${name}`
    if (seen.has(name)) mistakes.add('definition_invalid', place, 'Two consumers have this name.')
    seen.add(name)
    if (by !== 'entity' && by !== 'vector')
      mistakes.add('definition_invalid', place, `'${String(by)}' is no way to ask: by is 'entity' or 'vector'.`)
    if (by === 'entity')
      for (const one of uses) mistakes.known('unknown_column', place, 'column', one, Object.keys(schema))
    for (const one of decisions) mistakes.known('definition_invalid', place, 'decision', one, named)
  }
}

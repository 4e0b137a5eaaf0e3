import { nearestName } from '../../core/nearest-name.ts'
import { decisionsOf } from '../../language/define/decision-bands.ts'
import type { ModelDefinition, ProjectDefinition } from '../../language/define/definitions.ts'

/**
 * Fallbacks of models of several classes that are no class, and no decision that the model makes otherwise. They may be meant, such as
 * 'ask_somebody', so that they are told and not refused.
 */
export function fallbackWarnings({ models }: ProjectDefinition): readonly string[] {
  return Object.values(models).flatMap((model) => {
    const { classes } = model.label
    if (classes === undefined) return []
    const made = new Set([...classes, ...otherDecisionsOf(model)])
    return fallbacksOf(model).flatMap(([place, decision]) => {
      if (made.has(decision)) return []
      const near = nearestName(decision, [...made])
      const meant = near === undefined ? '' : ` Did you mean '${near}'?`
      return `${place} of model ${model.name}: '${decision}' is none of its classes, ${classes.map((one) => `'${one}'`).join(', ')}.${meant}`
    })
  })
}

function otherDecisionsOf({ serve: { decision, overrides = [] } }: ModelDefinition): readonly string[] {
  return [...(decision === undefined ? [] : decisionsOf(decision)), ...overrides].map(({ decision: name }) => name)
}

function fallbacksOf({
  serve: { fallback },
}: ModelDefinition): readonly (readonly [place: string, decision: string])[] {
  if (fallback === undefined) return []
  if (typeof fallback === 'string') return [['serve.fallback', fallback]]
  return Object.entries(fallback).flatMap(([cause, said]) => {
    if (said === undefined) return []
    return [[`serve.fallback.${cause}`, typeof said === 'string' ? said : said.decision] as const]
  })
}

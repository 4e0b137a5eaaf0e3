import { canonicalJson } from '../../core/canonical.ts'
import type { ModelDefinition, ProjectDefinition } from '../../language/define/definitions.ts'

type Members = Readonly<Record<string, unknown>>

/**
 * What of a change cannot come into force while a platform runs, as it is more than one of features: what differs first, and of
 * which names; undefined where nothing does.
 */
export function restartFor(
  before: ProjectDefinition,
  after: ProjectDefinition,
): { readonly words: string; readonly path: string } | undefined {
  const [old, now] = [fixed(before), fixed(after)]
  for (const kind of new Set([...Object.keys(old), ...Object.keys(now)])) {
    if (same(old[kind], now[kind])) continue
    const [one, other] = [(old[kind] ?? {}) as Members, (now[kind] ?? {}) as Members]
    const names = [...new Set([...Object.keys(one), ...Object.keys(other)])].filter(
      (name) => !same(one[name], other[name]),
    )
    return { words: `Besides features, ${kind} would change: ${names.join(', ')}.`, path: `${kind}.${names[0]}` }
  }
  return undefined
}

/** What a platform does not change while it runs. A table is a stream, too: it is called a table. */
function fixed({ features, requests, derived, models, tables, ...rest }: ProjectDefinition): Members {
  return {
    tables,
    ...rest,
    models: Object.fromEntries(Object.entries(models).map(([name, model]) => [name, withoutFeatures(model)])),
  }
}

function same(one: unknown, other: unknown): boolean {
  return canonicalJson(one ?? null) === canonicalJson(other ?? null)
}

function withoutFeatures({ features, ...model }: ModelDefinition): unknown {
  return model
}

import { canonicalJson } from '../../core/canonical.ts'
import type { CheckDefinition } from '../../language/define/check-definition.ts'
import type { FeatureDefinition, ModelDefinition, ProjectDefinition } from '../../language/define/definitions.ts'
import type { MemberChange } from '../api/definition-answers.ts'
import { dependentsOf } from './dependents.ts'
import { withoutGovernance } from './governance-changes.ts'
import { valueDifferences } from './value-differences.ts'

type Kind = MemberChange['kind']

/** In the order in which they depend on each other, as plans list them. */
const collections = [
  ['source', 'sources'],
  ['stream', 'streams'],
  ['entity', 'entities'],
  ['features', 'features'],
  ['table', 'tables'],
  ['request', 'requests'],
  ['derived', 'derived'],
  ['model', 'models'],
  ['batch', 'batches'],
  ['raw_model', 'rawModels'],
] as const

/** Of each of these a project has at most one: that none is there is a difference of its members too. */
const singles = ['alerts', 'predictions', 'limits'] as const

/**
 * Each member that differs between two projects, of definitions that both have: what it was and is, and what depends on it. Prose is left
 * out, and so is what `governanceChanges` tells.
 */
export function memberChanges(before: ProjectDefinition, after: ProjectDefinition): MemberChange[] {
  const changes: MemberChange[] = []
  const tell = (kind: Kind, name: string, was: object | undefined, is: object | undefined): void => {
    const [old, now] = [told(kind, was), told(kind, is)]
    for (const top of new Set([...Object.keys(old), ...Object.keys(now)])) {
      const isMeaning = isMeant(kind, top, old[top], now[top])
      for (const { member, words } of valueDifferences(top, old[top], now[top]))
        changes.push({ kind, name, member, words, isMeaning, dependents: dependentsOf(kind, name, after) })
    }
  }
  for (const [kind, collection] of collections) {
    const old: Readonly<Record<string, object>> = before[collection] ?? {}
    for (const [name, definition] of Object.entries<object>(after[collection] ?? {}))
      if (Object.hasOwn(old, name)) tell(kind, name, old[name], definition)
  }
  for (const kind of singles) tell(kind, kind, before[kind], after[kind])
  return changes
}

/** The members of a definition that are told of: not its prose, and of a model not what governs it. */
function told(kind: Kind, definition: object | undefined): Readonly<Record<string, unknown>> {
  if (definition === undefined) return {}
  const members = kind === 'model' ? withoutGovernance(definition as ModelDefinition) : { ...definition }
  const { owner, description, kind: _, name, predicts, card, ...rest } = members as Record<string, unknown>
  return kind === 'features' ? { ...rest, select: withoutProse(rest['select']) } : rest
}

function withoutProse(select: unknown): unknown {
  const features = Object.entries(select as Readonly<Record<string, FeatureDefinition>>)
  return Object.fromEntries(features.map(([name, { description, ...meaning }]) => [name, meaning]))
}

/** Whether a digest covers a member: of checks only the critical ones, as they say which rows are there at all. */
function isMeant(kind: Kind, member: string, was: unknown, is: unknown): boolean {
  if (kind === 'alerts' || kind === 'predictions' || kind === 'limits') return false
  if (kind === 'features') return member !== 'freshness' && member !== 'expect'
  if (kind === 'stream' && member === 'quality') return canonicalJson(critical(was)) !== canonicalJson(critical(is))
  return kind !== 'stream' || member !== 'rejectBudget'
}

function critical(checks: unknown = []): readonly CheckDefinition[] {
  return (checks as readonly CheckDefinition[]).filter(({ severity }) => severity === 'critical')
}

import { canonicalJson } from '../../core/canonical.ts'
import { digestOf, shortDigest } from '../../core/digest.ts'
import { formatDuration } from '../../core/time.ts'
import { defaultProtectedAliases } from '../../language/define/approvals-definition.ts'
import type { ModelDefinition, ProjectDefinition } from '../../language/define/definitions.ts'
import type { GovernanceChange } from '../api/definition-answers.ts'

/** What governs and runs a model, beside what it means: who may what first, then what guards it, then how it is run. */
const members: readonly (readonly [
  concern: GovernanceChange['concern'],
  member: string,
  of: (model: ModelDefinition) => unknown,
])[] = [
  ['who_may', 'approvals', ({ approvals }) => approvals],
  ['who_may', 'signedBy', ({ signedBy }) => signedBy?.map((key) => `key ${shortDigest(digestOf(key.trim()))}`)],
  ['who_may', 'protectedAliases', ({ protectedAliases }) => protectedAliases ?? defaultProtectedAliases],
  ['who_may', 'retrain.approval', ({ retrain }) => retrain.approval],
  ['guards', 'gate', ({ gate }) => gate],
  ['guards', 'quality', ({ quality }) => quality],
  ['runs', 'retrain', ({ retrain: { approval, ...rest } }) => rest],
  ['runs', 'training', ({ training }) => training],
  ['runs', 'trainer.limits', ({ trainer }) => (trainer.kind === 'command' ? trainer.limits : undefined)],
  ['runs', 'trainer.reproducible', ({ trainer }) => (trainer.kind === 'command' ? trainer.reproducible : undefined)],
  ['runs', 'monitor', ({ monitor }) => monitor],
  ['runs', 'serve.slo', ({ serve }) => serve.slo],
  ['runs', 'serve.log', ({ serve }) => serve.log],
  ['runs', 'serve.consumers', ({ serve }) => serve.consumers],
]

/** Members whose numbers are microseconds, wherever they stand. */
const durations = /(^|\.)(time|for|cooldown|per|every|within|streamLag|slo\.p99|slo\.window)$/

/** What differs between two projects in who may act on models that both define, what guards these and how they run. */
export function governanceChanges(before: ProjectDefinition, after: ProjectDefinition): GovernanceChange[] {
  return members.flatMap(([concern, member, of]) =>
    Object.values(after.models).flatMap((model) => {
      const old = before.models[model.name]
      if (old === undefined) return []
      return differences(member, of(old), of(model)).map(({ member, words }) => ({
        ...{ model: model.name, concern, member, words },
      }))
    }),
  )
}

interface Difference {
  readonly member: string
  readonly words: string
}

function differences(member: string, was: unknown, is: unknown): Difference[] {
  if (same(was, is)) return []
  if (Array.isArray(was) && Array.isArray(is)) {
    const words = [
      ...is.filter((one) => !was.some((other) => same(one, other))).map((one) => `+ ${shown(member, one)}`),
      ...was.filter((one) => !is.some((other) => same(one, other))).map((one) => `- ${shown(member, one)}`),
    ]
    return [{ member, words: words.length === 0 ? `in another order: ${shown(member, is)}` : words.join(', ') }]
  }
  if (isRecordOrAbsent(was) && isRecordOrAbsent(is)) {
    const names = new Set([...Object.keys(was ?? {}), ...Object.keys(is ?? {})])
    return [...names].flatMap((name) => differences(`${member}.${name}`, was?.[name], is?.[name]))
  }
  return [{ member, words: `${shown(member, was)} -> ${shown(member, is)}` }]
}

function same(one: unknown, other: unknown): boolean {
  if (one === undefined || other === undefined) return one === other
  return canonicalJson(one) === canonicalJson(other)
}

function isRecordOrAbsent(value: unknown): value is Readonly<Record<string, unknown>> | undefined {
  return value === undefined || (typeof value === 'object' && value !== null && !Array.isArray(value))
}

function shown(member: string, value: unknown): string {
  if (value === undefined) return 'not set'
  if (typeof value === 'number' && durations.test(member)) return formatDuration(value)
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map((one) => shown(member, one)).join(', ')
  return canonicalJson(value)
}

import { digestOf, shortDigest } from '../../core/digest.ts'
import { defaultProtectedAliases } from '../../language/define/approvals-definition.ts'
import type { CommandDefinition } from '../../language/define/command-definition.ts'
import type { ModelDefinition, ProjectDefinition } from '../../language/define/definitions.ts'
import type { GovernanceChange } from '../api/definition-answers.ts'
import { valueDifferences } from './value-differences.ts'

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

/** What differs between two projects in who may act on models that both define, what guards these and how they run. */
export function governanceChanges(before: ProjectDefinition, after: ProjectDefinition): GovernanceChange[] {
  return members.flatMap(([concern, member, of]) =>
    Object.values(after.models).flatMap((model) => {
      const old = before.models[model.name]
      if (old === undefined) return []
      return valueDifferences(member, of(old), of(model)).map(({ member, words }) => ({
        ...{ model: model.name, concern, member, words },
      }))
    }),
  )
}

/** A model without what `governanceChanges` tells of it. */
export function withoutGovernance(model: ModelDefinition): Readonly<Record<string, unknown>> {
  const { approvals, signedBy, protectedAliases, retrain, gate, quality, training, monitor, trainer, ...rest } = model
  const { slo, log, consumers, ...serve } = model.serve
  return { ...rest, serve, trainer: trainer.kind === 'command' ? withoutLimits(trainer) : trainer }
}

function withoutLimits({ limits, reproducible, ...program }: CommandDefinition): Partial<CommandDefinition> {
  return program
}

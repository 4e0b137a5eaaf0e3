import { TruelineError } from '../../core/errors.ts'
import { definitionsInForce } from '../../governance/applied-definitions.ts'
import { platformIdentity } from '../../governance/identity.ts'
import type { ModelDefinition, ProjectDefinition } from '../../language/define/definitions.ts'
import { type ModelBundle, rulesOfBundle } from '../../models/registry/bundle.ts'
import { standingOf } from '../../models/registry/decisions.ts'
import { versionName } from '../../models/registry/model-version.ts'
import { takeBundle } from '../../models/registry/take-bundle.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import type { OwnedPlatform } from './open-platform.ts'
import { promote } from './releasing.ts'

/** Who brings the definitions of a bundle into force. */
export const BUNDLE = platformIdentity('bundle')

/** The definitions that a platform runs with which serves a bundle: those of its model, by the rules that approved it. */
export function projectOfBundle(bundle: ModelBundle): ProjectDefinition {
  const { model, definition } = bundle
  const { approvals: _, ...defined } = definition.models[model]!
  const approvals = rulesOfBundle(bundle)
  return { ...definition, models: { [model]: { ...defined, ...(approvals === undefined ? {} : { approvals }) } } }
}

/**
 * A bundle's definitions for a data directory: who approves and signs, and which aliases are protected, stays there as a
 * project file said it. What another bundle said does not stay.
 */
export async function underRulesInForce(metadata: Metadata, project: ProjectDefinition): Promise<ProjectDefinition> {
  const inForce = await definitionsInForce(metadata)
  if (inForce === undefined || inForce.by.name === BUNDLE.name) return project
  const models = Object.values(project.models).map((model): [string, ModelDefinition] => {
    const { approvals, signedBy, protectedAliases } = inForce.definition.models[model.name] ?? model
    const { approvals: _, signedBy: __, protectedAliases: ___, ...rest } = model
    return [
      model.name,
      {
        ...rest,
        ...(approvals === undefined ? {} : { approvals }),
        ...(signedBy === undefined ? {} : { signedBy }),
        ...(protectedAliases === undefined ? {} : { protectedAliases }),
      },
    ]
  })
  return { ...project, models: Object.fromEntries(models) }
}

/**
 * Takes a bundle's version into a platform's registry and lets it serve. What serves already stays as it is.
 * @throws TruelineError `not_approved` when the version was rejected here, or was approved by other rules than hold here,
 *   `golden_mismatch`, and what a release throws
 */
export async function serveBundle({ parts }: OwnedPlatform, bundle: ModelBundle): Promise<void> {
  const taken = await takeBundle(parts.metadata, parts.artifacts, bundle)
  const { model, version, digest, state } = taken
  if (parts.servings.get(model)?.served?.digest === digest) return
  if (state === 'candidate') {
    const { needed, missing, open } = await standingOf(parts.metadata, taken)
    const who = open === null ? 'anybody but its author' : open.join(', ')
    throw new TruelineError(
      'not_approved',
      `${versionName(model, version)} was not approved by the rules that hold here: ${missing} of ${needed} approvals are lacking.`,
      { remedy: `Have it approved here, by ${who}: \`trueline approve ${model} ${version} --as NAME\`.` },
    )
  }
  // It was released where it was packed, with whom it breaks looked at there.
  await promote(parts, model, version, BUNDLE, 'It came with the image.', { breaking: true })
}

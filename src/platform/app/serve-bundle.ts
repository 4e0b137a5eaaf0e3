import { platformIdentity } from '../../governance/identity.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import type { ModelBundle } from '../../models/registry/bundle.ts'
import { takeBundle } from '../../models/registry/take-bundle.ts'
import type { OwnedPlatform } from './open-platform.ts'
import { promote } from './releasing.ts'

/** The definitions that a platform runs with which serves a bundle: those of its model, without other models. */
export function projectOfBundle({ model, definition }: ModelBundle): ProjectDefinition {
  return { ...definition, models: { [model]: definition.models[model]! } }
}

/**
 * Takes a bundle's version into a platform's registry and lets it serve. What serves already stays as it is.
 * @throws TruelineError `not_approved` when the version was rejected here, `golden_mismatch`, and what a release throws
 */
export async function serveBundle({ parts }: OwnedPlatform, bundle: ModelBundle): Promise<void> {
  const { model, version, digest } = await takeBundle(parts.metadata, parts.artifacts, bundle)
  if (parts.servings.get(model)?.served?.digest === digest) return
  // It was released where it was packed, with whom it breaks looked at there.
  await promote(parts, model, version, platformIdentity('bundle'), 'It came with the image.', { breaking: true })
}

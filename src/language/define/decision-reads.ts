import { canonicalJson } from '../../core/canonical.ts'
import type { ModelDefinition, ProjectDefinition } from './definitions.ts'
import { type NamedRead, readsOfInput, type ValueRead } from './reads.ts'

/**
 * The values that a model takes, by the names that they have in its vector.
 * @throws TruelineError `unknown_feature` for a definition that is not there
 */
export function namedInputs({ features }: ModelDefinition, project: ProjectDefinition): readonly NamedRead[] {
  return features.flatMap((input) => readsOfInput(input.kind === 'encoded' ? input.input : input, project))
}

/** The name under which a model takes a value; undefined where it does not. */
export function inputNamed(read: ValueRead, inputs: readonly NamedRead[]): string | undefined {
  const wanted = canonicalJson(read)
  return inputs.find((input) => canonicalJson(input.read) === wanted)?.name
}

/** The inputs that a name means: one, or all of a group. */
export function inputsMeant(name: string, inputs: readonly string[]): readonly string[] {
  return inputs.filter((input) => input === name || input.startsWith(`${name}.`))
}

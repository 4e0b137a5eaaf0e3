import { TruelineError } from '../../core/errors.ts'
import { decodeEncoders } from '../../models/inference/encoders.ts'
import { decodeExplainer } from '../../models/inference/explain/decode-explainer.ts'
import {
  createVectorExplainer,
  type Explanation,
  type VectorExplainer,
} from '../../models/inference/explain/vector-explainer.ts'
import { versionName } from '../../models/registry/model-version.ts'
import { readVersion } from '../../models/registry/versions.ts'
import type { ServedVersion } from '../../operate/serving/served-version.ts'
import type { ScoreExplanation } from '../api/explanation-answers.ts'
import type { Parts } from './assemble-platform.ts'

type Explained = Pick<ServedVersion, 'model' | 'version'>

/** Explains versions; what it takes is read when it is first asked for, so that those who never ask do not hold it. */
export interface Explaining {
  /**
   * The explainer of a version.
   * @throws TruelineError `explanation_unavailable`, `artifact_missing`, `artifact_corrupt`
   */
  of(version: Explained): Promise<VectorExplainer>
}

/** Versions whose explainers are kept; each holds its trees a second time. */
const MOST_KEPT = 4

/** Explains versions from the artifacts of the registry. */
export function createExplaining({ metadata, artifacts }: Pick<Parts, 'metadata' | 'artifacts'>): Explaining {
  const kept = new Map<string, Promise<VectorExplainer>>()

  async function read({ model: { name }, version }: Explained): Promise<VectorExplainer> {
    const { manifest, attachments } = await readVersion(metadata, name, version)
    const { explanation } = attachments
    const explainer = decodeExplainer(
      await artifacts.get(manifest.scorer),
      explanation === undefined ? undefined : await artifacts.get(explanation),
    )
    if ('because' in explainer)
      throw new TruelineError(
        'explanation_unavailable',
        `Scores of ${versionName(name, version)} cannot be explained: it ${explainer.because}.`,
        { path: versionName(name, version) },
      )
    return createVectorExplainer(decodeEncoders(await artifacts.get(manifest.encoders)), explainer)
  }

  return {
    of(version) {
      const name = versionName(version.model.name, version.version)
      const known = kept.get(name)
      kept.delete(name)
      const explainer = known ?? read(version)
      kept.set(name, explainer)
      // What could not be read now may be there later.
      explainer.catch(() => kept.delete(name))
      for (const oldest of kept.keys()) if (kept.size > MOST_KEPT) kept.delete(oldest)
      return explainer
    },
  }
}

/**
 * An explanation as it is answered.
 * @param names of the inputs, in the order of the vector
 * @param most contributions that are listed
 */
export function shownExplanation(
  names: readonly string[],
  { base, contributions }: Explanation,
  { unit }: Pick<VectorExplainer, 'unit'>,
  most: number,
): ScoreExplanation {
  const all = names
    .map((feature, input) => ({ feature, contribution: contributions[input]! }))
    .toSorted((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution))
  const rest = all.slice(most)
  return {
    ...{ unit, base, margin: contributions.reduce((sum, one) => sum + one, base) },
    contributions: all.slice(0, most),
    ...(rest.length === 0
      ? {}
      : { others: { features: rest.length, contribution: rest.reduce((sum, one) => sum + one.contribution, 0) } }),
  }
}

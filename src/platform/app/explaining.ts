import type { Explanation, VectorExplainer } from '../../models/inference/explain/vector-explainer.ts'
import { versionName } from '../../models/registry/model-version.ts'
import { readVersion } from '../../models/registry/versions.ts'
import { loadExplainer } from '../../operate/serving/load-explainer.ts'
import type { ServedVersion } from '../../operate/serving/served-version.ts'
import type { Reasoning } from '../../operate/serving/stream/consumed.ts'
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
    return await loadExplainer(await readVersion(metadata, name, version), artifacts)
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

/** What gives the reasons of answers in streams. */
export function reasoningOf({ explaining, protection }: Pick<Parts, 'explaining' | 'protection'>): Reasoning {
  return { explainerOf: explaining.of, slices: protection.slices }
}

/**
 * An explanation as it is answered.
 * @param names of the inputs, in the order of the vector
 * @param most contributions that are listed
 * @param of the class that is explained, of a model of several
 */
export function shownExplanation(
  names: readonly string[],
  { base, contributions }: Explanation,
  { unit }: Pick<VectorExplainer, 'unit'>,
  most: number,
  of?: string,
): ScoreExplanation {
  const all = names
    .map((feature, input) => ({ feature, contribution: contributions[input]! }))
    .toSorted((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution))
  const rest = all.slice(most)
  return {
    ...(of === undefined ? {} : { class: of }),
    ...{ unit, base, margin: contributions.reduce((sum, one) => sum + one, base) },
    contributions: all.slice(0, most),
    ...(rest.length === 0
      ? {}
      : { others: { features: rest.length, contribution: rest.reduce((sum, one) => sum + one.contribution, 0) } }),
  }
}

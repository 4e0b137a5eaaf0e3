import { canonicalJson } from '../../core/canonical.ts'
import type { Variant } from '../../data/features/vector.ts'
import type { GateDefinition } from '../../language/define/definitions.ts'
import type { GateVerdict, ModelVersion } from '../../models/registry/model-version.ts'
import { listVersions, readVersionDefinition } from '../../models/registry/versions.ts'
import type { GateResult } from '../../models/training/gate.ts'
import type { Holdout } from '../../models/training/holdout.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import type { TrainAnswer } from '../api/training-answers.ts'

/**
 * The test rows that candidates of a model were judged on, but for those of one run: each look at rows uses them up in
 * part.
 */
export async function looksOf(metadata: Metadata, model: string, variant: Variant, run: string): Promise<Holdout[]> {
  const looks: Holdout[] = []
  let cursor: string | null | undefined
  while (cursor !== null) {
    const page = await listVersions(metadata, model, {
      variant,
      limit: 1000,
      ...(cursor === undefined ? {} : { cursor }),
    })
    for (const version of page.items) {
      const holdout = holdoutOf(version.gate)
      if (holdout !== undefined && version.runId !== run) looks.push(holdout)
    }
    cursor = page.next
  }
  return looks
}

/** What is said of a candidate: of the very same model, judged against the same champion, what was said of it first. */
export function judgementOf({ gate }: ModelVersion, isNew: boolean, result: GateResult): GateVerdict {
  const before = isNew ? undefined : holdoutOf(gate)
  return gate === null || before === undefined || before.champion !== result.holdout?.champion ? result : gate
}

/**
 * What is said of a candidate as a training answers it. A verdict that stands from before the gate was changed is said to,
 * with what the gate as it is now says of the same model on these rows: that decides nothing, as the record of a version stays.
 */
export async function saidOfCandidate(
  metadata: Metadata,
  { version, isNew }: { readonly version: ModelVersion; readonly isNew: boolean },
  result: GateResult,
  gate: GateDefinition,
): Promise<TrainAnswer['gate']> {
  const { verdict, sentence } = judgementOf(version, isNew, result)
  if (isNew) return { verdict, sentence }
  const before = (await readVersionDefinition(metadata, version)).models[version.model]?.gate
  if (before === undefined || canonicalJson(before) === canonicalJson(gate)) return { verdict, sentence }
  const standing = version.gate ?? result
  return {
    ...{ verdict: standing.verdict, sentence: standing.sentence },
    changed: { verdict: result.verdict, sentence: result.sentence },
  }
}

/** Of a verdict of the gate; one of before looks were counted has none. */
function holdoutOf(gate: GateVerdict | null): Holdout | undefined {
  return (gate as Partial<GateResult> | null)?.holdout
}

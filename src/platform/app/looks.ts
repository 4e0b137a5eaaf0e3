import type { Variant } from '../../data/features/vector.ts'
import type { GateVerdict, ModelVersion } from '../../models/registry/model-version.ts'
import { listVersions } from '../../models/registry/versions.ts'
import type { GateResult } from '../../models/training/gate.ts'
import type { Holdout } from '../../models/training/holdout.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'

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

/** Of a verdict of the gate; one of before looks were counted has none. */
function holdoutOf(gate: GateVerdict | null): Holdout | undefined {
  return (gate as Partial<GateResult> | null)?.holdout
}

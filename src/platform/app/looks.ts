import type { Variant } from '../../data/features/vector.ts'
import type { Identity } from '../../governance/identity.ts'
import type { GateDefinition } from '../../language/define/definitions.ts'
import { digestOfGate, judgedBy, recordJudgement } from '../../models/registry/judgements.ts'
import type { GateVerdict, ModelVersion } from '../../models/registry/model-version.ts'
import { listVersions } from '../../models/registry/versions.ts'
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
      const judged = [{ result: version.gateAtFirst, runId: version.runId }, ...version.judgements]
      for (const { result, runId } of judged) {
        const holdout = holdoutOf(result)
        if (holdout !== undefined && runId !== run) looks.push(holdout)
      }
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
 * What is said of a candidate as a training answers it. A version that was registered before, and was judged by a gate that
 * is defined otherwise now, is judged again: that is put on record, and counts.
 */
export async function saidOfCandidate(
  metadata: Metadata,
  { version, isNew }: { readonly version: ModelVersion; readonly isNew: boolean },
  result: GateResult,
  { gate, runId, by }: { readonly gate: GateDefinition; readonly runId: string; readonly by: Identity },
): Promise<TrainAnswer['gate']> {
  const { verdict, sentence } = judgementOf(version, isNew, result)
  const before = isNew ? undefined : await judgedBy(metadata, version)
  if (before === undefined || before === digestOfGate(gate)) return { verdict, sentence }
  const { model, version: number } = version
  await recordJudgement(metadata, { model, version: number, gate, result, runId, by })
  const said = version.gate ?? result
  return {
    ...{ verdict: result.verdict, sentence: result.sentence },
    before: { verdict: said.verdict, sentence: said.sentence },
  }
}

/** Of a verdict of the gate; one of before looks were counted has none. */
function holdoutOf(gate: GateVerdict | null): Holdout | undefined {
  return (gate as Partial<GateResult> | null)?.holdout
}

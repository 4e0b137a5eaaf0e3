import type { AlertDesk } from './alert-desk.ts'
import { plural } from './words.ts'

/** What a parity audit of a model found. */
export interface ParityFinding {
  readonly model: string
  /** Predictions that were recomputed, and values that came out differently. */
  readonly checked: number
  readonly mismatches: number
  readonly features: readonly { readonly feature: string; readonly mismatches: number }[]
}

/** Pages at the first mismatch: zero is a law, not a threshold. Resolves after an audit that found none. */
export async function reportParity(
  desk: AlertDesk,
  { model, checked, mismatches, features }: ParityFinding,
): Promise<void> {
  if (mismatches === 0) {
    if (checked > 0) await desk.resolve({ model, kind: 'parity_mismatch' }, 'The last audit found none.')
    return
  }
  const affected = features.filter((feature) => feature.mismatches > 0).sort((a, b) => b.mismatches - a.mismatches)
  const worst = affected[0] === undefined ? '' : `, most of ${affected[0].feature}`
  await desk.raise({
    model,
    kind: 'parity_mismatch',
    title: `${model}: ${plural(mismatches, 'served value')} of ${plural(checked, 'prediction')} differ from the replayed ones${worst}.`,
    evidence: { checked },
    effect: { mismatches, features: affected },
    n: checked,
  })
}

import type { RetrainDefinition } from '../../language/define/retrain-definition.ts'
import type { GateVerdict } from '../../models/registry/model-version.ts'
import type { GateCheck } from '../../models/training/gate-check.ts'

/** Why a candidate is not promoted unasked; undefined when it may be. */
export function reasonToAsk(
  { approval, margins }: Pick<RetrainDefinition, 'approval' | 'margins'>,
  gate: (GateVerdict & { readonly checks?: readonly GateCheck[] }) | null,
): string | undefined {
  if (gate?.verdict !== 'pass') return gate?.sentence ?? 'No gate judged it.'
  if (approval !== 'auto') return 'The gate passed, and the policy of the model asks.'
  if (margins === undefined) return undefined
  const whole = gate.checks?.find(
    ({ against, segment, decisions }) => against === 'champion' && segment === undefined && decisions === undefined,
  )
  const difference = whole?.difference?.value
  if (difference === undefined) return 'The gate passed, and how far it is from what serves is not known.'
  if (Math.abs(difference) <= margins.metric) return undefined
  return `The gate passed, and it is ${difference.toFixed(4)} from what serves, further than ${margins.metric}.`
}

import { asTruelineError } from '../../../core/errors.ts'
import { platformIdentity } from '../../../governance/identity.ts'
import { currentServing } from '../../../models/registry/serving-history.ts'
import { readVersion } from '../../../models/registry/versions.ts'
import { reasonToAsk } from '../../../operate/retraining/reason-to-ask.ts'
import type { RetrainingOutcome } from '../../../operate/retraining/retraining-store.ts'
import type { TrainAnswer } from '../../api/training-answers.ts'
import { approveVersion } from '../releasing.ts'
import type { RetrainingActs, RetrainingParts } from './retraining-parts.ts'

/**
 * Promotes a candidate where the policy of its model allows that, and else asks for a decision by an alert. A candidate that
 * failed its gate waits for nobody.
 */
export async function concludeRun(
  parts: RetrainingParts,
  { promote }: Pick<RetrainingActs, 'promote'>,
  { model, version: number, run, gate }: TrainAnswer,
): Promise<Omit<RetrainingOutcome, 'at'>> {
  const version = await readVersion(parts.metadata, model, number)
  const about = { version: number, run }
  // The same data gives the same model, and the registry then names the version that it was before.
  if (version.state !== 'candidate')
    return { ...about, outcome: 'unchanged', sentence: `It came out as v${number} again, which is ${version.state}.` }
  if (gate.verdict === 'fail') return { ...about, outcome: 'refused', sentence: gate.sentence }
  const why = reasonToAsk(parts.project.models[model]!.retrain, version.gate)
  if (why !== undefined) return await ask(parts, model, about, why)
  const reason = 'The gate passed, and the policy of the model says auto.'
  const by = platformIdentity('gate')
  try {
    await approveVersion(parts, model, number, by, reason)
    await promote(model, number, by, reason)
  } catch (thrown) {
    return await ask(parts, model, about, asTruelineError(thrown).message)
  }
  return { ...about, outcome: 'promoted', sentence: gate.sentence }
}

async function ask(
  { desk }: RetrainingParts,
  model: string,
  about: { readonly version: number; readonly run: string },
  why: string,
): Promise<Omit<RetrainingOutcome, 'at'>> {
  await desk.raise({
    ...{ model, kind: 'retraining_waits', title: `${model} v${about.version} waits for a decision: ${why}` },
    ...{ evidence: about, effect: {}, n: 1 },
  })
  return { ...about, outcome: 'asks', sentence: why }
}

/** Resolves the alert about a candidate once somebody has decided on it, or something newer serves. */
export async function settleAsked({ metadata, desk }: RetrainingParts, model: string, version: number): Promise<void> {
  const { state } = await readVersion(metadata, model, version)
  const serving = (await currentServing(metadata, model))?.version ?? 0
  if (state === 'candidate' || (state === 'approved' && serving < version)) return
  await desk.resolve({ model, kind: 'retraining_waits' }, `v${version} is ${serving === version ? 'serving' : state}.`)
}

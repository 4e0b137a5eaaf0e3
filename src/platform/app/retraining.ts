import type { Logger } from 'pino'
import { asTruelineError } from '../../core/errors.ts'
import { nextRun } from '../../core/schedule.ts'
import { type Identity, platformIdentity } from '../../governance/identity.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import { readVersion } from '../../models/registry/versions.ts'
import type { TrainAnswer } from '../api/training-answers.ts'
import type { Servings } from './predicting.ts'
import { approveVersion, type ReleasingParts } from './releasing.ts'

export interface RetrainingParts extends ReleasingParts {
  readonly project: ProjectDefinition
  readonly servings: Servings
  readonly logger: Logger
}

/** Trains what its schedule says; what has served once is retrained. */
export interface Retraining {
  /** Trains what is due at `now` (microseconds), one model after the other; a failed one waits for its next turn. */
  advance(now: number): Promise<void>
}

/** What a schedule leads to. */
export interface RetrainingActs {
  /** Trains a candidate and registers it with the verdict of its gate. */
  readonly train: (model: string, author: Identity) => Promise<TrainAnswer>
  readonly promote: (model: string, version: number, by: Identity, reason: string) => Promise<unknown>
}

export function createRetraining(parts: RetrainingParts, { train, promote }: RetrainingActs): Retraining {
  const { project, servings, logger } = parts
  const scheduled = new Map<string, number>()

  /** A run is due once: the next one is counted from now, whatever becomes of this one. */
  function isDue(model: string, schedule: string, now: number): boolean {
    const due = scheduled.get(model) ?? nextRun(schedule, now)
    if (due === undefined) return false
    if (due <= now) scheduled.delete(model)
    else scheduled.set(model, due)
    return due <= now
  }

  async function retrain(model: string): Promise<void> {
    const { version, gate } = await train(model, platformIdentity('retraining'))
    logger.info({ model, version, verdict: gate.verdict }, `Retrained ${model}: ${gate.sentence}`)
    if (project.models[model]!.retrain.approval !== 'auto' || gate.verdict !== 'pass') return
    // The same data gives the same model, and the registry then names the version that it was before.
    if ((await readVersion(parts.metadata, model, version)).state !== 'candidate') return
    const reason = 'The gate passed, and the policy of the model says auto.'
    await approveVersion(parts, model, version, platformIdentity('gate'), reason)
    await promote(model, version, platformIdentity('gate'), reason)
  }

  return {
    async advance(now) {
      for (const [model, { retrain: policy }] of Object.entries(project.models)) {
        if (policy.schedule === undefined || servings.get(model)?.served === undefined) continue
        if (!isDue(model, policy.schedule, now)) continue
        try {
          await retrain(model)
        } catch (thrown) {
          const { code, message } = asTruelineError(thrown)
          logger.error({ model, code }, `Retraining ${model} failed: ${message}`)
        }
      }
    },
  }
}

import { listAlerts } from '../../../operate/monitoring/alert-store.ts'
import { budgetLeft } from '../../../operate/retraining/decide-retraining.ts'
import { outlookOf } from '../../../operate/retraining/outlook.ts'
import { listDecisions, type RetrainingState } from '../../../operate/retraining/retraining-store.ts'
import type { RetrainingStatus } from '../../api/retraining-answers.ts'
import { servingOf } from '../predicting.ts'
import type { RetrainingParts } from './retraining-parts.ts'

/**
 * How the retraining of a model stands at `now`, microseconds.
 * @throws TruelineError `unknown_model`
 */
export async function describeRetraining(
  { project, servings, metadata }: RetrainingParts,
  model: string,
  { memory, canary }: RetrainingState,
  labels: { readonly count: number; readonly at: number } | undefined,
  now: number,
): Promise<RetrainingStatus> {
  const { served } = servingOf(servings, model)
  const policy = project.models[model]!.retrain
  const last = memory.runs.at(-1)
  const rest = last === undefined || policy.cooldown === undefined ? now : last.at + policy.cooldown
  const { items } = await listDecisions(metadata, { model, limit: 1 })
  const { items: alerts } = await listAlerts(metadata, { model, state: 'open', limit: 100 })
  const asked = alerts.find(({ kind }) => kind === 'retraining_waits')
  const bad = alerts.find(({ kind }) => kind === 'retraining_held')
  return {
    ...{ model, policy, serving: served?.version ?? null },
    isUnderWay: memory.runs.some(({ status }) => status === 'under_way'),
    triggers: outlookOf(policy, memory, labels?.count, served?.version ?? null),
    labels: labels ?? null,
    restsUntil: rest > now ? rest : null,
    budgetLeft: budgetLeft(policy, memory, now) ?? null,
    canary: canary ?? null,
    waiting:
      asked === undefined
        ? null
        : {
            version: (asked.evidence as { readonly version: number }).version,
            ...{ at: asked.openedAt, sentence: asked.title },
          },
    held: bad === undefined ? null : { at: bad.openedAt, sentence: bad.title },
    last: items[0] ?? null,
  }
}

import type { PredictionFile, RemovalReason } from '../log/prediction-file.ts'
import type { RetentionRules } from './predictions.ts'

/**
 * Files that may not stay: of each model first those that are older than it keeps them, then its oldest ones while they
 * take more than they may, and last the oldest of all models while these take more together.
 */
export function filesToRemove(
  files: readonly PredictionFile[],
  { of, bytes }: RetentionRules,
): readonly { readonly reason: RemovalReason; readonly files: readonly PredictionFile[] }[] {
  const oldestFirst = [...files].sort((a, b) => a.lastServedAt - b.lastServedAt)
  const old = oldestFirst.filter(({ layout, lastServedAt }) => {
    const { before } = of(layout.model)
    return before !== undefined && lastServedAt < before
  })
  const kept = oldestFirst.filter((file) => !old.includes(file))
  const models = [...new Set(kept.map(({ layout }) => layout.model))]
  const ofModels = models.flatMap((model) =>
    overBudget(
      kept.filter(({ layout }) => layout.model === model),
      of(model).bytes,
    ),
  )
  const rest = kept.filter((file) => !ofModels.includes(file))
  return [
    { reason: 'retention', files: old },
    { reason: 'budget', files: [...ofModels, ...overBudget(rest, bytes)] },
  ]
}

/** The oldest files, so many that the others fit. */
function overBudget(
  oldestFirst: readonly PredictionFile[],
  most = Number.POSITIVE_INFINITY,
): readonly PredictionFile[] {
  let total = oldestFirst.reduce((sum, { bytes }) => sum + bytes, 0)
  return oldestFirst.filter(({ bytes }) => {
    if (total <= most) return false
    total -= bytes
    return true
  })
}

/** What a version's evaluation says of how it was learnt, beside what was measured. */
interface Learning {
  readonly search?: { readonly trials: readonly unknown[]; readonly best: number; readonly metric: string }
  readonly chosen?: Readonly<Record<string, number>>
  readonly folds?: {
    readonly folds: readonly unknown[]
    readonly metrics: Readonly<Record<string, { readonly mean: number; readonly deviation: number }>>
  }
}

/**
 * What the trainer of a version was given, what it found by itself, and how it did over the folds, a line each.
 * @param evaluation as training wrote it
 */
export function learningLines(parameters: Readonly<Record<string, unknown>>, evaluation: unknown): readonly string[] {
  const { search, chosen, folds } = (evaluation ?? {}) as Learning
  const lines = [`parameters: ${namesAndValues(parameters)}`]
  if (search !== undefined)
    lines.push(`search: ${search.trials.length} trials by ${search.metric}, the best is trial ${search.best}`)
  if (chosen !== undefined) lines.push(`chosen: ${namesAndValues(chosen)}`)
  for (const [metric, { mean, deviation }] of Object.entries(folds?.metrics ?? {}))
    lines.push(
      `over ${folds!.folds.length} folds: ${metric} ${mean.toFixed(4)} in the mean, deviation ${deviation.toFixed(4)}`,
    )
  return lines
}

function namesAndValues(values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ')
}

/** The probabilities of classes in one line, the likeliest first. */
export function classWords(probabilities: Readonly<Record<string, number>>): string {
  return Object.entries(probabilities)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, probability]) => `${name} ${probability.toFixed(6)}`)
    .join(', ')
}

const steps = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const

/**
 * Values in the order of time as a picture of one line, a block for each, as high as the value is in the range.
 * @param values null where one is not known: a dot
 * @param range the lowest and the highest value of all that are compared
 */
export function trend(
  values: readonly (number | null)[],
  { low, high }: { readonly low: number; readonly high: number },
): string {
  const top = steps.length - 1
  return values
    .map((value) => {
      if (value === null) return '·'
      const share = high > low ? (value - low) / (high - low) : 1
      return steps[Math.min(top, Math.max(0, Math.round(share * top)))]
    })
    .join('')
}

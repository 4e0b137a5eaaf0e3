/**
 * What decided in the place of a score, as answers and the log have it.
 * @example decidedByWords('hand:3') // 'rule 3 by hand'
 */
export function decidedByWords(decidedBy: string): string {
  const [, kind, of] = /^(hand|rule|missing|stale):(.+)$/.exec(decidedBy) ?? []
  switch (kind) {
    case 'hand':
      return `rule ${of} by hand`
    case 'rule':
      return `the rule ${of}`
    case 'missing':
      return `${of}, which is missing`
    case 'stale':
      return `${of}, which is stale`
    default:
      return decidedBy
  }
}

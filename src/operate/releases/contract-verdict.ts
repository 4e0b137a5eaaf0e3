import type { ContractChange } from '../serving/contract-changes.ts'
import type { ContractBreach } from './contract-breaches.ts'

/** A breach in words, with the consumers that it reaches. */
export function breachSentence({ sentence, consumers }: ContractBreach): string {
  return consumers.length === 0 ? sentence : `${sentence.slice(0, -1)} (${consumers.join(', ')}).`
}

/**
 * What the changes from one contract to another mean for callers, in a sentence. Where nothing is breached, changes may
 * still break those who bring vectors and have not said so.
 */
export function contractVerdict(
  changes: readonly ContractChange[],
  breaches: readonly ContractBreach[],
  from: number,
  to: number,
): string {
  if (breaches.length > 0) return `v${to} would break callers of v${from}: ${breaches.map(breachSentence).join(' ')}`
  if (changes.length === 0) return `v${from} and v${to} take and give the same.`
  const counted = `${changes.length} change${changes.length === 1 ? '' : 's'}`
  const breaking = changes.filter((change) => change.breaking).length
  if (breaking === 0) return `Every caller of v${from} can call v${to}: ${counted}, none of which breaks anything.`
  const whom = `${breaking} of which ${breaking === 1 ? 'breaks' : 'break'} those who bring vectors`
  return `Every caller of v${from} who sends rows can call v${to}: ${counted}, ${whom}; no consumer says that it does.`
}

import type { ConsumerDefinition } from '../../language/define/consumer-definition.ts'
import { type ContractChange, contractChanges } from '../serving/contract-changes.ts'
import type { ModelContract } from '../serving/model-contract.ts'

/** Something that a version would break when it serves. */
export interface ContractBreach extends Omit<ContractChange, 'kind' | 'breaking'> {
  readonly kind: ContractChange['kind'] | 'not_sent' | 'not_taken' | 'not_handled'
  /** Names of the consumers that it would reach; none where nobody said that they rely on it. */
  readonly consumers: readonly string[]
}

/**
 * What would break when one contract takes the place of another: for callers in general, and against what consumers have
 * said of themselves. Changes of the vector's inputs count where somebody brings vectors.
 * @param before undefined when nothing serves yet
 */
export function contractBreaches(
  before: ModelContract | undefined,
  after: ModelContract,
  consumers: readonly ConsumerDefinition[],
): readonly ContractBreach[] {
  const changes = before === undefined ? [] : contractChanges(before, after).filter(({ breaking }) => breaking)
  const breaches = changes.flatMap(({ breaking, ...change }): ContractBreach[] => {
    const reached = consumers.filter((consumer) => reaches(change, consumer)).map(({ name }) => name)
    return change.part === 'inputs' && reached.length === 0 ? [] : [{ ...change, consumers: reached }]
  })
  for (const consumer of consumers) {
    for (const unmet of unmetBy(after, consumer)) {
      const known = breaches.findIndex(({ part, name }) => part === unmet.part && name === unmet.name)
      if (known === -1) breaches.push({ ...unmet, consumers: [consumer.name] })
      else if (!breaches[known]!.consumers.includes(consumer.name))
        breaches[known] = { ...breaches[known]!, consumers: [...breaches[known]!.consumers, consumer.name] }
    }
  }
  return breaches
}

/** Whether a breaking change is one for a consumer, by what it said of itself. */
function reaches({ kind, part, name }: Omit<ContractChange, 'breaking'>, consumer: ConsumerDefinition): boolean {
  const { by, uses, decisions } = consumer
  if (part === 'response') return kind !== 'decision_removed' || (decisions?.includes(name) ?? true)
  if (by !== (part === 'inputs' ? 'vector' : 'entity')) return false
  if (uses === undefined) return true
  // Who sends a column anyway does not mind that it is needed.
  return uses.includes(name) !== (kind === 'column_required' || kind === 'input_added')
}

/** What a consumer relies on and a contract does not give. */
function unmetBy(
  contract: ModelContract,
  { name, by, uses, decisions }: ConsumerDefinition,
): Omit<ContractBreach, 'consumers'>[] {
  const { columns } = contract.request
  const part = by === 'entity' ? 'request' : 'inputs'
  const inputs = contract.inputs.map((input) => input.name)
  const taken = by === 'entity' ? Object.keys(columns) : inputs
  const needed = by === 'entity' ? taken.filter((column) => columns[column]!.missing === 'refuse') : inputs
  const what = by === 'entity' ? 'column' : 'input'
  const unmet: Omit<ContractBreach, 'consumers'>[] = []
  for (const one of uses ?? [])
    if (!taken.includes(one))
      unmet.push({
        kind: 'not_taken',
        part,
        name: one,
        sentence: `${name} sends the ${what} '${one}', which is not taken.`,
      })
  if (uses !== undefined)
    for (const one of needed)
      if (!uses.includes(one))
        unmet.push({
          kind: 'not_sent',
          part,
          name: one,
          sentence: `${name} does not send the ${what} '${one}', which is needed.`,
        })
  if (decisions !== undefined)
    for (const one of contract.response.decisions)
      if (!decisions.includes(one))
        unmet.push({
          kind: 'not_handled',
          part: 'response',
          name: one,
          sentence: `${name} does not know the decision '${one}'.`,
        })
  return unmet
}

import { canonicalJson } from '../../core/canonical.ts'
import { nearestName } from '../../core/nearest-name.ts'
import { type ColumnChange, columnChanges } from './contract-column-changes.ts'
import type { ContractColumn, ModelContract } from './model-contract.ts'

/** What differs between two contracts, one thing at a time. */
export interface ContractChange {
  readonly kind:
    | ColumnChange['kind']
    | 'column_added'
    | 'column_removed'
    | 'column_renamed'
    | 'time_changed'
    | 'input_added'
    | 'input_removed'
    | 'input_retyped'
    | 'score_changed'
    | 'class_added'
    | 'class_removed'
    | 'classes_reordered'
    | 'decision_added'
    | 'decision_removed'
    | 'fallback_changed'
    | 'reasons_changed'
  /** The part that it is about: of rows by entity, of vectors that callers bring, or of what is answered. */
  readonly part: 'request' | 'inputs' | 'response'
  /** The column, input, class or decision. */
  readonly name: string
  /** Whether something that was right before no longer is: a row is refused, or an answer is none that was promised. */
  readonly breaking: boolean
  /** One plain sentence. */
  readonly sentence: string
}

/**
 * What differs between two contracts. Where no change of the part `request` is breaking, every row that is right by the
 * one before is right by the one after.
 */
export function contractChanges(before: ModelContract, after: ModelContract): readonly ContractChange[] {
  return [...requestChanges(before, after), ...inputChanges(before, after), ...responseChanges(before, after)]
}

function requestChanges(before: ModelContract, after: ModelContract): ContractChange[] {
  const [old, young] = [before.request.columns, after.request.columns]
  const removed = Object.keys(old).filter((name) => !Object.hasOwn(young, name))
  const added = Object.keys(young).filter((name) => !Object.hasOwn(old, name))
  const changes: ContractChange[] = []
  const add = (kind: ContractChange['kind'], name: string, breaking: boolean, sentence: string): void => {
    changes.push({ kind, part: 'request', name, breaking, sentence })
  }
  for (const name of removed) {
    const other = renamed(name, old[name]!, added, young)
    if (other === undefined) add('column_removed', name, true, `The column '${name}' is gone.`)
    else add('column_renamed', name, true, `The column '${name}' is called '${other}' now.`)
  }
  for (const name of added) {
    if (young[name]!.missing === 'refuse')
      add('column_required', name, true, `The column '${name}' is new, and needed.`)
    else add('column_added', name, false, `The column '${name}' is new, and may be left out.`)
  }
  for (const [name, column] of Object.entries(old)) {
    const now = young[name]
    if (now === undefined) continue
    for (const { kind, breaking, sentence } of columnChanges(name, column, now)) add(kind, name, breaking, sentence)
  }
  const [time, now] = [before.request.time, after.request.time]
  if (time !== now)
    add(
      'time_changed',
      now ?? time!,
      false,
      `The time of the question is ${timeWords(now)}; it was ${timeWords(time)}.`,
    )
  return changes
}

/** The new column that one which is gone looks like: of the same type and domain, the most similar name first. */
function renamed(
  name: string,
  { used: _used, missing: _missing, ...type }: ContractColumn,
  added: readonly string[],
  columns: ModelContract['request']['columns'],
): string | undefined {
  const alike = added.filter((other) => {
    const { used, missing, ...domain } = columns[other]!
    return canonicalJson(domain) === canonicalJson(type)
  })
  return alike.length === 1 ? alike[0] : nearestName(name, alike)
}

function timeWords(column: string | undefined): string {
  return column === undefined ? 'the moment of the prediction' : `in '${column}'`
}

/** Who brings the vector brings all of it, so that every change of the inputs shows. */
function inputChanges(before: ModelContract, after: ModelContract): ContractChange[] {
  const changes: ContractChange[] = []
  const add = (kind: ContractChange['kind'], name: string, sentence: string): void => {
    changes.push({ kind, part: 'inputs', name, breaking: true, sentence })
  }
  const known = new Map(before.inputs.map((input) => [input.name, input]))
  const now = new Map(after.inputs.map((input) => [input.name, input]))
  for (const { name } of before.inputs) if (!now.has(name)) add('input_removed', name, `The input '${name}' is gone.`)
  for (const input of after.inputs) {
    const { name, type } = input
    const old = known.get(name)
    if (old === undefined) add('input_added', name, `The input '${name}' is new, and needed.`)
    else if (canonicalJson(old) !== canonicalJson(input))
      add('input_retyped', name, `The input '${name}' is of another type: ${type}, not ${old.type}.`)
  }
  return changes
}

function responseChanges({ response: before }: ModelContract, { response: after }: ModelContract): ContractChange[] {
  const changes: ContractChange[] = []
  const add = (kind: ContractChange['kind'], name: string, breaking: boolean, sentence: string): void => {
    changes.push({ kind, part: 'response', name, breaking, sentence })
  }
  if (canonicalJson(before.score) !== canonicalJson(after.score))
    add('score_changed', 'score', true, `The score is a ${after.score.kind}; it was a ${before.score.kind}.`)
  for (const [kind, name, sentence] of classChanges(before.classes, after.classes)) add(kind, name, true, sentence)
  for (const name of before.decisions)
    if (!after.decisions.includes(name))
      add('decision_removed', name, true, `The decision '${name}' is never given now.`)
  for (const name of after.decisions)
    if (!before.decisions.includes(name)) add('decision_added', name, false, `The decision '${name}' is new.`)
  if (canonicalJson(before.reasons ?? []) !== canonicalJson(after.reasons ?? [])) {
    const words = (codes: readonly string[] = []) => (codes.length === 0 ? 'none' : codes.join(', '))
    const sentence = `The codes that say why are ${words(after.reasons)}; they were ${words(before.reasons)}.`
    add('reasons_changed', 'reasons', false, sentence)
  }
  if (before.fallback !== after.fallback) {
    const words = (name: string | undefined) => (name === undefined ? 'none' : `'${name}'`)
    const sentence = `The decision without a score is ${words(after.fallback)}; it was ${words(before.fallback)}.`
    add('fallback_changed', after.fallback ?? before.fallback!, false, sentence)
  }
  return changes
}

/** Whoever reads probabilities by their place or by name has to know every class. */
function classChanges(
  before: readonly string[] = [],
  after: readonly string[] = [],
): (readonly [kind: ContractChange['kind'], name: string, sentence: string])[] {
  const removed = before.filter((name) => !after.includes(name))
  const added = after.filter((name) => !before.includes(name))
  const left = before.filter((name) => after.includes(name))
  const isMoved = after.filter((name) => before.includes(name)).some((name, index) => name !== left[index])
  return [
    ...removed.map((name) => ['class_removed', name, `The class '${name}' is gone.`] as const),
    ...added.map((name) => ['class_added', name, `The class '${name}' is new.`] as const),
    ...(isMoved
      ? [['classes_reordered', 'classes', `The order of the classes is ${after.join(', ')} now.`] as const]
      : []),
  ]
}

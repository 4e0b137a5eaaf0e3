import { canonicalJson } from '../../core/canonical.ts'
import { digestOf, shortDigest } from '../../core/digest.ts'
import { formatDuration } from '../../core/time.ts'
import { limitWords } from '../../data/quality/judge.ts'
import { checkWords } from '../../data/quality/registry.ts'
import type { CheckDefinition } from '../../language/define/check-definition.ts'
import type { OverrideDefinition } from '../../language/define/decision-definition.ts'
import type { FeatureDefinition, ModelInput, ReadDefinition } from '../../language/define/definitions.ts'
import { describeExpression, describeFeature } from '../../language/define/logic.ts'
import type { Expression } from '../../language/expr/expression.ts'

/** Members whose numbers are microseconds, wherever they stand. */
const durations =
  /(^|\.)(time|for|cooldown|per|every|within|streamLag|slo\.p99|slo\.window|freshness|servingLag|lag|ahead|grace|horizon|embargo|split\.(train|validate|test)|retain|deadline|notice|slow|pause|first|longest|timeout)$/

/** Members whose texts may hold a secret. */
const secrets = /(^|\.)(webhook|sink|url)$|\.headers\./

export interface ValueDifference {
  /** Where it stands in the definition, such as `approvals.of`. */
  readonly member: string
  /** What it was and is: `+ carl, - ben`, or `1 -> 2`. */
  readonly words: string
}

/**
 * What differs between two values of a member of a definition: each member for itself, and of lists what came and went.
 * @param member where the values stand in the definition
 */
export function valueDifferences(member: string, was: unknown, is: unknown): ValueDifference[] {
  if (same(was, is)) return []
  if (Array.isArray(was) && Array.isArray(is)) {
    const gone = was.filter((one) => !is.some((other) => same(one, other)))
    const come = is.filter((one) => !was.some((other) => same(one, other)))
    const words = [
      ...come.map((one) => `+ ${shownBeside(member, one, gone)}`),
      ...gone.map((one) => `- ${shownBeside(member, one, come)}`),
    ]
    return [{ member, words: words.length === 0 ? `in another order: ${shown(member, is)}` : words.join(', ') }]
  }
  if (isRecordOrAbsent(was) && isRecordOrAbsent(is)) {
    const names = new Set([...Object.keys(was ?? {}), ...Object.keys(is ?? {})])
    return [...names].flatMap((name) => valueDifferences(`${member}.${name}`, was?.[name], is?.[name]))
  }
  return [{ member, words: `${shownBeside(member, was, [is])} -> ${shownBeside(member, is, [was])}` }]
}

function same(one: unknown, other: unknown): boolean {
  if (one === undefined || other === undefined) return one === other
  return canonicalJson(one) === canonicalJson(other)
}

/** Whether a value is told apart by its members; what has words of its own is not. */
function isRecordOrAbsent(value: unknown): value is Readonly<Record<string, unknown>> | undefined {
  return value === undefined || (isRecord(value) && wordsOf(value) === undefined)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A value in words, or as it is where the words are also those of one that it differs from. */
function shownBeside(member: string, value: unknown, others: readonly unknown[]): string {
  const words = shown(member, value)
  return isRecord(value) && others.some((other) => shown(member, other) === words) ? canonicalJson(value) : words
}

function shown(member: string, value: unknown): string {
  if (value === undefined) return 'not set'
  if (typeof value === 'number' && durations.test(member)) return formatDuration(value)
  if (typeof value === 'string') return secrets.test(member) ? secretWords(value) : value
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map((one) => shown(member, one)).join(', ')
  return (isRecord(value) ? wordsOf(value) : undefined) ?? canonicalJson(value)
}

const inputs: ReadonlySet<unknown> = new Set<ModelInput['kind']>([
  ...(['features', 'request', 'derived', 'table', 'pick', 'encoded'] as const),
])

/** What an expression, a feature, a check, an input or a rule is in words; undefined of anything else. */
function wordsOf(value: Readonly<Record<string, unknown>>): string | undefined {
  const { kind } = value
  if (kind === 'call' || kind === 'literal' || kind === 'column')
    return describeExpression(value as unknown as Expression)
  if ('aggregate' in value && 'window' in value) return describeFeature(value as unknown as FeatureDefinition)
  if ('check' in value && 'severity' in value) return checkText(value as unknown as CheckDefinition)
  if (inputs.has(kind)) return inputWords(value as unknown as ModelInput)
  if ('when' in value && 'reason' in value) {
    const { when, decision, reason } = value as unknown as OverrideDefinition
    return `${decision} when ${describeExpression(when)} (${reason})`
  }
  return undefined
}

function checkText(check: CheckDefinition): string {
  return `${checkWords(check)} (${check.severity}${'allowed' in check ? `, ${limitWords(check.allowed)}` : ''})`
}

function inputWords(input: ModelInput | ReadDefinition): string {
  if ('feature' in input) return `${input.name}.${input.feature}`
  if (input.kind === 'encoded') return `${inputWords(input.input)} encoded as ${input.encoding.kind}`
  if (input.kind === 'pick') return input.columns.join(', ')
  return input.only === undefined ? input.name : input.only.map((feature) => `${input.name}.${feature}`).join(', ')
}

/** A text without what may be a secret in it, and what tells it from others. */
function secretWords(text: string): string {
  const origin = URL.canParse(text) ? new URL(text).origin : 'null'
  return `${origin === 'null' ? '' : `${origin}/… `}(${shortDigest(digestOf(text))})`
}

import { planVector } from '../../data/features/vector.ts'
import { bandsOf } from '../../language/define/decision-bands.ts'
import type {
  ClassThresholdsDecision,
  CostsDecision,
  FallbackDefinition,
  ScoreDecision,
} from '../../language/define/decision-definition.ts'
import type { ModelDefinition, ProjectDefinition } from '../../language/define/definitions.ts'
import type { EncodingDefinition } from '../../language/define/encoding-definition.ts'
import { describeExpression } from '../../language/define/logic.ts'
import { USUAL_MOST } from '../serving/adverse-reasons.ts'
import { usedColumns } from '../serving/used-columns.ts'

/** A part of a model's card: plain sentences under a title. */
export interface CardSection {
  readonly title: string
  readonly lines: readonly string[]
}

/**
 * What a model's definition says of its decisions and of the edges of what it knows: how a score becomes a decision,
 * which rules go before it, and what is decided when there is no score, no feature, no valid row or no known category.
 */
export function decisionCard(model: ModelDefinition, project: ProjectDefinition): readonly CardSection[] {
  return [
    { title: 'Score', lines: scoreLines(model) },
    { title: 'Decision', lines: decisionLines(model) },
    { title: 'Rules before the score', lines: ruleLines(model) },
    ...adverseSection(model),
    { title: 'Edge cases', lines: [...fallbackLines(model), ...categoryLines(model, project)] },
  ]
}

function scoreLines({ task, predicts, calibration, label: { classes } }: ModelDefinition): string[] {
  if (task === 'regression') return [`A number: ${predicts}.`]
  const how = { platt: "Platt's scaling", isotonic: 'isotonic regression', temperature: 'temperature scaling' } as const
  const ofEach = classes === undefined || calibration === 'temperature' ? '' : ' of each class against the rest'
  const calibrated =
    calibration === undefined
      ? 'It is not calibrated.'
      : `It is calibrated by ${how[calibration]}${ofEach} on the validation rows.`
  if (classes !== undefined)
    return [
      `The probability of each of ${classes.length} classes, ${classes.map(quoted).join(', ')}: ${predicts}. The score is that of the likeliest.`,
      calibrated,
    ]
  return [`A probability: ${predicts}.`, calibrated]
}

function decisionLines({ serve: { decision }, label: { classes }, calibration }: ModelDefinition): string[] {
  if (decision === undefined && classes !== undefined) return ['The likeliest class; of equally likely ones the first.']
  if (decision === undefined) return ['None: the model answers with scores alone.']
  const caution = 'The costs are weighed by the score as it is; a calibration would make it a probability to rely on.'
  if (decision.kind === 'class_costs')
    return [
      'What costs least, each class weighed by its probability:',
      ...decision.costs.map(({ decision: name, of }) => `${quoted(name)} costs ${costWords(of)}.`),
      ...(calibration === undefined ? [caution] : []),
    ]
  if (decision.kind === 'class_thresholds')
    return [
      'The first of these that holds, though another class may be likelier:',
      ...thresholdLines(decision),
      ...(calibration === undefined
        ? ['The probabilities are taken as they are; a calibration would make them ones to rely on.']
        : []),
    ]
  const bands = bandLines(decision)
  if (decision.kind !== 'costs') return bands
  return [...costLines(decision), 'That is the same as:', ...bands, ...(calibration === undefined ? [caution] : [])]
}

function costWords(of: Readonly<Record<string, number>>): string {
  return Object.entries(of)
    .map(([name, cost]) => `${cost} where it is ${quoted(name)}`)
    .join(', ')
}

function thresholdLines({ thresholds }: ClassThresholdsDecision): string[] {
  return thresholds.map(({ class: name, above, decision, reason, text }) => {
    const where = name === undefined ? 'else' : `probability of ${quoted(name)} above ${above}`
    return `${where}: ${quoted(decision)}${reasonText(reason === decision ? undefined : reason, text)}`
  })
}

function bandLines(decision: ScoreDecision): string[] {
  const bands = bandsOf(decision)
  return bands.map(({ above, decision: name, reason, text }) => {
    const range = bands.length === 1 ? 'always' : above === Number.NEGATIVE_INFINITY ? 'else' : `score above ${above}`
    return `${range}: ${quoted(name)}${reasonText(reason === name ? undefined : reason, text)}`
  })
}

function costLines(decision: CostsDecision): string[] {
  const chosen = new Set(bandsOf(decision).map((band) => band.decision))
  return decision.costs.map(({ decision: name, positive, negative }) => {
    const never = chosen.has(name) ? '' : '; it is never the cheapest'
    return `${quoted(name)} costs ${positive} when the outcome comes true, and ${negative} when it does not${never}.`
  })
}

function ruleLines({ serve: { overrides = [] } }: ModelDefinition): string[] {
  const rules = overrides.map(
    ({ when, decision, reason, text }) =>
      `${quoted(decision)} when ${describeExpression(when)}${reasonText(reason, text)}`,
  )
  return [...rules, 'Rules by hand, `trueline decisions`, go before all others.']
}

function adverseSection({ serve: { adverse }, label: { classes } }: ModelDefinition): CardSection[] {
  if (adverse === undefined) return []
  const { decisions, most = USUAL_MOST, texts = {} } = adverse
  const by = classes === undefined ? 'by the score' : 'where it is the likeliest class'
  const lines = [
    `${decisions.map(quoted).join(', ')} ${by}: the inputs that led to it, at most ${most}, where an answer is asked for reasons, and in its trace.`,
    classes === undefined
      ? 'They are those that moved the score towards it most, against what is expected of the training rows.'
      : 'They are those that raised it most above the likeliest class that is not adverse, against what is expected of the training rows.',
    ...Object.entries(texts).map(([input, text]) => `${input}: ${text}`),
  ]
  return [{ title: 'Reasons of adverse decisions', lines }]
}

function reasonText(reason: string | undefined, text: string | undefined): string {
  if (reason === undefined && text === undefined) return ''
  return ` (${[reason, text].filter((part) => part !== undefined).join(': ')})`
}

function fallbackLines({ serve: { fallback } }: ModelDefinition): string[] {
  const by: FallbackDefinition =
    typeof fallback === 'string' ? { timeout: fallback, invalid: fallback, unavailable: fallback } : (fallback ?? {})
  const says = (decision: string | undefined): string =>
    decision === undefined ? 'no decision, only the error' : quoted(decision)
  return [
    `The answer would come too late: ${says(by.timeout)}.`,
    `The row is not what the contract asks for: ${says(by.invalid)}.`,
    `What is needed to score cannot be reached: ${says(by.unavailable)}.`,
    missingLine(by.missing),
  ]
}

/** The name of a decision, which may be a word such as 'nothing'. */
function quoted(decision: string): string {
  return `'${decision}'`
}

function missingLine(missing: FallbackDefinition['missing']): string {
  if (missing === undefined) return 'A feature is missing: the model scores without it.'
  const { decision, when, features } = missing
  const what = features === undefined ? 'Any feature' : features.join(', ')
  return `${what} is ${when.join(' or ')}: ${quoted(decision)}. Other features that are missing: the model scores without them.`
}

const unseen: Partial<Record<EncodingDefinition['kind'], string>> = {
  oneHot: 'is none of those that are',
  ordinal: 'is -1',
  category: 'goes where all others go',
  target: 'counts as the mean of all',
}

function categoryLines(model: ModelDefinition, project: ProjectDefinition): string[] {
  const kinds = new Set(model.features.flatMap((input) => (input.kind === 'encoded' ? [input.encoding.kind] : [])))
  const encoded = [...kinds].flatMap((kind) =>
    unseen[kind] === undefined ? [] : [`A category that training did not see, encoded as ${kind}, ${unseen[kind]}.`],
  )
  const used = usedColumns(model, planVector(model, project))
  const columns = Object.entries(project.streams[model.at]!.schema).flatMap(([name, { oneOf, unknown }]) => {
    if (oneOf === undefined || !used.has(name)) return []
    return [`A value of '${name}' that is not listed: ${unknown === 'null' ? 'taken as null' : 'the row is refused'}.`]
  })
  return [...encoded, ...columns]
}

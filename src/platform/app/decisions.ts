import type { Schema, Value } from '../../core/data-type.ts'
import { TruelineError } from '../../core/errors.ts'
import { unknownName } from '../../core/unknown-name.ts'
import { planVector } from '../../data/features/vector.ts'
import { MASK } from '../../data/quality/mask-row.ts'
import { createRowReader } from '../../data/quality/row-reader.ts'
import type { Identity } from '../../governance/identity.ts'
import { namedDecisions } from '../../language/define/decision-bands.ts'
import type { ModelDefinition, ProjectDefinition } from '../../language/define/definitions.ts'
import { readVersion } from '../../models/registry/versions.ts'
import { decisionCard } from '../../operate/readiness/decision-card.ts'
import { importanceCard, type JudgedInputs } from '../../operate/readiness/importance-card.ts'
import { type JudgedOrigin, originCard } from '../../operate/readiness/origin-card.ts'
import {
  endHandRule,
  keepHandRule,
  keepPredictionOverride,
  listHandRules,
  listOverrides,
  readHandRule,
} from '../../operate/serving/hand-rule-store.ts'
import type { HandRule } from '../../operate/serving/hand-rules.ts'
import { recordingOf } from '../../operate/serving/prediction-layout.ts'
import { usedColumns } from '../../operate/serving/used-columns.ts'
import type {
  DecisionQuery,
  HandDecision,
  HandRuleAnswer,
  ModelCard,
  OverridePage,
  OverrideQuery,
  PredictionOverrideAnswer,
} from '../api/decision-answers.ts'
import { servingOf } from './predicting.ts'
import { type RecordParts, readPrediction, settle } from './recorded.ts'
import { typedKey } from './typed-key.ts'

export interface DecisionParts extends RecordParts {
  readonly project: ProjectDefinition
}

/**
 * Brings the rules by hand that are in force into every model's serving side: at the start.
 * @param onNote told which rules keep a value in clear that nothing may keep any more
 */
export async function restoreHandRules(parts: DecisionParts, onNote?: (text: string) => void): Promise<void> {
  const { metadata, servings, clock } = parts
  const now = clock.now()
  for (const rule of await listHandRules(metadata, { inForceAt: now })) servings.get(rule.model)?.hand?.add(rule)
  for (const note of await notesOfClearValues(parts)) onNote?.(note)
}

/** A sentence for each model and column with rules by hand that were made before the column was called sensitive or masked. */
async function notesOfClearValues({ project, metadata }: DecisionParts): Promise<readonly string[]> {
  const found = new Map<string, { readonly rule: HandRule; readonly column: string; readonly numbers: number[] }>()
  for (const rule of await listHandRules(metadata, {})) {
    if (project.models[rule.model] === undefined) continue
    for (const column of Object.keys(rule.key)) {
      if (hiddenBecause(project, rule.model, column) === undefined) continue
      const name = `${rule.model} ${column}`
      const known = found.get(name) ?? { rule, column, numbers: [] }
      known.numbers.push(rule.number)
      found.set(name, known)
    }
  }
  return [...found.values()].map(({ rule: { model }, column, numbers }) => {
    const [rules, they] = numbers.length === 1 ? ['Rule', 'it was'] : ['Rules', 'they were']
    return (
      `${rules} ${numbers.toReversed().join(', ')} by hand of '${model}': ${they} made before '${column}' ` +
      `${hiddenBecause(project, model, column)!.replace('is ', 'was ')}, and meta.db has the value in clear, in the rule and in the audit log, ` +
      'where nothing can be changed. Revoke what need not hold, and keep meta.db and its backups from who may not see it.'
    )
  })
}

/**
 * Decides by hand for all rows with a key, from now on, whatever the model says.
 * @throws TruelineError `unknown_model`; `invalid_arguments` for a key that rows need not have, or a decision that the
 *   model does not name; the codes of values that a column does not take
 */
export async function decideByHand(
  parts: DecisionParts,
  model: string,
  { key, decision, for: lasting }: HandDecision,
  by: Identity,
  reason: string,
): Promise<HandRuleAnswer> {
  const { project, metadata, clock } = parts
  const serving = servingOf(parts.servings, model)
  const definition = project.models[model]!
  requireNamed(definition, decision)
  const values = readKey(definition, project, key)
  const at = clock.now()
  const until = lasting === undefined ? {} : { until: at + lasting }
  const rule = await keepHandRule(metadata, { ...{ model, key: values, decision, reason, by, at }, ...until })
  serving.hand?.add(rule)
  return answerOf(project, rule, at)
}

/**
 * Ends a rule by hand.
 * @throws TruelineError `unknown_hand_rule`, `hand_rule_ended`
 */
export async function revokeHandRule(
  { project, metadata, servings, clock }: DecisionParts,
  number: number,
  by: Identity,
  reason: string,
): Promise<HandRuleAnswer> {
  const rule = await readHandRule(metadata, number)
  const hand = servings.get(rule.model)?.hand
  const at = clock.now()
  // From this moment on it decides nothing: no prediction is later than the end that is written down.
  hand?.remove(number)
  try {
    return answerOf(project, await endHandRule(metadata, number, { by, at, reason }), at)
  } catch (thrown) {
    // Somebody else may have ended it meanwhile: then it stays away.
    if (!(thrown instanceof TruelineError && thrown.code === 'hand_rule_ended')) hand?.add(rule)
    throw thrown
  }
}

const MOST_LISTED = 1000

/** Rules by hand, newest first: those in force, or of all of them the last ones. */
export async function listDecisions(
  { project, metadata, clock }: DecisionParts,
  { model, all = false, limit = all ? MOST_LISTED : undefined, offset }: DecisionQuery,
): Promise<readonly HandRuleAnswer[]> {
  const now = clock.now()
  const rules = await listHandRules(metadata, { model, limit, offset, ...(all ? {} : { inForceAt: now }) })
  return rules.map((rule) => answerOf(project, rule, now))
}

/** What people decided in the place of predictions, newest first. */
export async function listPredictionOverrides(
  { metadata }: DecisionParts,
  { model, prediction, limit, cursor }: OverrideQuery,
): Promise<OverridePage> {
  const page = { ...(limit === undefined ? {} : { limit }), ...(cursor === undefined ? {} : { cursor }) }
  const { items, next } = await listOverrides(metadata, { model, prediction, ...page })
  return { overrides: items.map(({ by, ...one }) => ({ ...one, by: by.name })), next }
}

/**
 * Records that somebody decided otherwise than a prediction did, after the fact; what was served stays as it was.
 * @throws TruelineError `unknown_prediction`; `invalid_arguments` for a decision that the model does not name
 */
export async function overridePrediction(
  parts: DecisionParts,
  prediction: string,
  decision: string,
  by: Identity,
  reason: string,
): Promise<PredictionOverrideAnswer> {
  await settle(parts)
  const { layout, decision: served } = await readPrediction(parts, prediction)
  const definition = parts.project.models[layout.model]
  if (definition !== undefined) requireNamed(definition, decision)
  const at = parts.clock.now()
  const override = { prediction, model: layout.model, decision, reason, by, at }
  await keepPredictionOverride(parts.metadata, override, { decision: served })
  return { decision, reason, by: by.name, at }
}

/**
 * The card of what serves for a model; before anything does, of the model as it is defined.
 * @throws TruelineError `unknown_model`
 */
export async function cardOf(parts: DecisionParts, name: string): Promise<ModelCard> {
  const { served } = servingOf(parts.servings, name)
  const { model, project } = served ?? { model: parts.project.models[name]!, project: parts.project }
  const rules = await listDecisions(parts, { model: name })
  const evaluation =
    served === undefined ? undefined : (await readVersion(parts.metadata, name, served.version)).evaluation
  return {
    model: name,
    ...model.card,
    rulesByHand: rules.length,
    sections: [
      ...(evaluation === undefined ? [] : originCard(evaluation as JudgedOrigin)),
      ...decisionCard(model, project),
      ...(evaluation === undefined ? [] : [importanceCard(evaluation as JudgedInputs)]),
    ],
  }
}

function requireNamed(model: ModelDefinition, decision: string): void {
  const known = namedDecisions(model)
  if (!known.includes(decision)) throw unknownName('invalid_arguments', 'decision', decision, known)
}

/** The key by the types of its columns: only of columns that every row has, so that no caller can leave one out. */
function readKey(
  model: ModelDefinition,
  project: ProjectDefinition,
  key: Readonly<Record<string, unknown>>,
): Readonly<Record<string, Value>> {
  const names = Object.keys(key)
  if (names.length === 0)
    throw new TruelineError('invalid_arguments', 'It is not said whose rows are meant.', { path: 'key' })
  const used = usedColumns(model, planVector(model, project))
  const { schema } = project.streams[model.at]!
  for (const name of names) {
    if (!used.has(name)) throw unknownName('invalid_arguments', 'key', name, [...used].sort())
    const why = hiddenBecause(project, model.name, name)
    if (why !== undefined)
      throw new TruelineError('invalid_arguments', `'${name}' ${why}, and a rule would keep its value in clear.`, {
        path: name,
        remedy: 'Name another column that every row has.',
      })
  }
  const ofKey: Schema = Object.fromEntries(Object.entries(schema).filter(([name]) => names.includes(name)))
  const reader = createRowReader(ofKey, { required: names })
  const values: Value[] = []
  const fault = reader.read(typedKey(key, schema), values)
  if (fault !== undefined)
    throw new TruelineError(fault.code, fault.reason, fault.path === undefined ? {} : { path: fault.path })
  return Object.fromEntries(reader.names.map((name, index) => [name, values[index]!]))
}

/** Why no record may hold what is in a column in clear; undefined where one may. */
function hiddenBecause(project: ProjectDefinition, model: string, column: string): string | undefined {
  const { schema, log } = recordingOf(project, model)
  if (schema[column]?.sensitive === true) return 'is sensitive'
  return log.mask?.includes(column) === true ? 'is masked in the log of predictions' : undefined
}

/** A rule as it is shown: what it is about is not, where its column was called sensitive or masked since it was made. */
function answerOf(project: ProjectDefinition, rule: HandRule, now: number): HandRuleAnswer {
  const { number, model, decision, reason, by, at, until, revoked } = rule
  const isOver = until !== undefined && now >= until
  const isHidden = (column: string): boolean =>
    project.models[model] !== undefined && hiddenBecause(project, model, column) !== undefined
  const key = Object.entries(rule.key).map(([column, value]) => [column, isHidden(column) ? MASK : value])
  return {
    ...{ number, model, key: Object.fromEntries(key), decision, reason, by: by.name, at },
    ...(until === undefined ? {} : { until }),
    state: revoked !== undefined ? 'revoked' : isOver ? 'over' : 'in_force',
    ...(revoked === undefined ? {} : { revoked: { ...revoked, by: revoked.by.name } }),
  }
}

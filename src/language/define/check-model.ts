import type { DataType, DataTypeName, Schema } from '../../core/data-type.ts'
import { asTruelineError, TruelineError } from '../../core/errors.ts'
import { DAY } from '../../core/time.ts'
import { typeOfColumn, typeOfExpression } from '../expr/type-of.ts'
import { checkApprovals } from './check-approvals.ts'
import { checkBehaviourClasses } from './check-behaviour-classes.ts'
import { checkClasses } from './check-classes.ts'
import { checkRequired, checkSameType } from './check-columns.ts'
import { checkConsumers } from './check-consumers.ts'
import { checkDecision } from './check-decision.ts'
import { checkEncoding } from './check-encoding.ts'
import { checkGate } from './check-gate.ts'
import { checkLearning, checkRowWeights } from './check-learning.ts'
import { checkPredictionLog } from './check-prediction-log.ts'
import { checkQuality } from './check-quality.ts'
import { checkRetrain } from './check-retrain.ts'
import { checkSigning } from './check-signing.ts'
import { checkTrainer } from './check-trainer.ts'
import type {
  LabelDefinition,
  ModelDefinition,
  PlainInput,
  ProjectDefinition,
  ServeDefinition,
  StreamDefinition,
} from './definitions.ts'
import type { Mistakes } from './mistakes.ts'
import {
  definitionsOf,
  keyOfRead,
  type NamedRead,
  readsOfInput,
  typeOfRead,
  type ValueRead,
  valueKinds,
} from './reads.ts'
import { taskMetrics, taskOf } from './task.ts'

/** Checks a model against the streams and features that it names. */
export function checkModel(definition: ModelDefinition, project: ProjectDefinition, mistakes: Mistakes): void {
  checkParts(definition, mistakes)
  checkTrainer(definition, mistakes)
  checkLearning(definition, mistakes)
  checkBehaviourClasses(definition, mistakes)
  checkApprovals(definition, mistakes)
  checkRetrain(definition, mistakes)
  checkSigning(definition, mistakes)
  const known = mistakes.known('unknown_stream', 'at', 'stream', definition.at, Object.keys(project.streams))
  if (!known) return
  const { schema } = project.streams[definition.at]!
  if (definition.time !== undefined) checkRequired(definition.time, 'timestamp', schema, 'time', mistakes)
  checkRowWeights(definition, schema, mistakes)
  checkInputs(definition, schema, project, mistakes)
  checkLabel(definition, schema, project, mistakes)
  checkDecision(definition, project, mistakes)
  checkPredictionLog(definition, project, mistakes)
  checkConsumers(definition, schema, mistakes)
}

const modelTypes: readonly DataTypeName[] = ['int', 'decimal', 'number', 'bool']

function checkInputs(
  definition: ModelDefinition,
  schema: Schema,
  project: ProjectDefinition,
  mistakes: Mistakes,
): void {
  if (definition.features.length === 0) mistakes.add('definition_invalid', 'features', 'The model reads nothing.')
  const { trainer } = definition
  const seen = new Set<string>()
  const inputs: Record<string, DataType> = {}
  for (const input of definition.features) {
    const encoding = input.kind === 'encoded' ? input.encoding : undefined
    const plain = input.kind === 'encoded' ? input.input : input
    for (const [name, type] of typesOfInput(plain, schema, project, mistakes)) {
      inputs[name] = { type, nullable: true }
      const place = `features ${name}`
      const taken = `${encoding?.kind} ${name}`
      if (seen.has(taken)) mistakes.add('definition_invalid', place, 'The model reads it twice.', 'Name it once.')
      seen.add(taken)
      if (encoding !== undefined) checkEncoding(encoding, type, place, mistakes)
      if (encoding?.kind === 'category' && (trainer.kind === 'linear' || trainer.kind === 'logistic'))
        mistakes.add(
          'definition_invalid',
          place,
          `A line takes numbers, not categories as they are: ${trainer.kind}() cannot split them by sets.`,
          'Use encode.oneHot or encode.target.',
        )
      if (encoding === undefined && !modelTypes.includes(type) && !(type === 'string' && trainer.kind === 'command'))
        mistakes.add('not_numeric_feature', place, `It is a ${type}.`)
    }
  }
  const { training = [], serving = [] } = definition.quality ?? {}
  const table = { schema: inputs, refusesRows: false, streams: project.streams }
  checkQuality(training, table, 'quality.training', mistakes)
  checkQuality(serving, table, 'quality.serving', mistakes)
  checkGate(definition, schema, Object.keys(inputs), mistakes)
}

/** Each number that an input gives, with its type; mistakes are reported and left out. */
function typesOfInput(
  input: PlainInput,
  schema: Schema,
  project: ProjectDefinition,
  mistakes: Mistakes,
): (readonly [string, DataTypeName])[] {
  if (input.kind === 'pick') return typesOf(readsOfInput(input, project), 'features pick ', schema, project, mistakes)
  const { kind, name, only = [] } = input
  const found = definitionsOf(kind, project)
  if (!mistakes.known('unknown_feature', 'features', valueKinds[kind], name, Object.keys(found))) return []
  const names = Object.keys(found[name]!.select)
  for (const one of only) mistakes.known('unknown_feature', `features ${name}`, 'feature', one, names)
  const keyed = kind === 'derived' ? Object.values(project.derived[name]!.reads) : [input]
  for (const one of keyed)
    if ('keys' in one && Object.hasOwn(definitionsOf(one.kind, project), one.name))
      checkKeys(one, schema, project, mistakes)
  const reads = readsOfInput(input, project)
  return typesOf(
    kind === 'derived' ? reads.filter(({ read }) => isWhole(read, schema, project)) : reads,
    ...(['features ', schema, project, mistakes] as const),
  )
}

/** What a derived feature reads and is not there is a mistake of its own definition, told there. */
function isWhole(read: ValueRead, schema: Schema, project: ProjectDefinition): boolean {
  try {
    typeOfRead(read, project, schema)
    return true
  } catch (thrown) {
    return !(thrown instanceof TruelineError && thrown.code === 'unknown_feature')
  }
}

function typesOf(
  reads: readonly NamedRead[],
  prefix: string,
  schema: Schema,
  project: ProjectDefinition,
  mistakes: Mistakes,
): (readonly [string, DataTypeName])[] {
  return reads.flatMap(({ name, read }) => {
    const type = mistakes.attempt(`${prefix}${name}`, () => typeOfRead(read, project, schema).type)
    return type === undefined ? [] : [[name, type] as const]
  })
}

function checkKeys(
  read: { readonly kind: 'features' | 'table'; readonly name: string; readonly keys: Readonly<Record<string, string>> },
  schema: Schema,
  project: ProjectDefinition,
  mistakes: Mistakes,
): void {
  const { name, keys } = read
  const key = keyOfRead(read, project)
  for (const [column, type] of Object.entries(key)) {
    const place = `features ${name}, key ${column}`
    const carrier = mistakes.attempt(place, () => typeOfColumn(keys[column] ?? column, schema))
    if (carrier !== undefined)
      checkSameType(type, carrier, `Key '${column}' must equal a column of the row`, place, mistakes)
  }
}

function checkLabel(model: ModelDefinition, schema: Schema, project: ProjectDefinition, mistakes: Mistakes): void {
  const { label } = model
  if (label.within <= 0) mistakes.add('definition_invalid', 'label.within', 'It must be longer than 0.')
  if (Object.keys(label.on).length === 0) mistakes.add('definition_invalid', 'label.on', 'It joins on no column.')
  if (!mistakes.known('unknown_stream', 'label', 'stream', label.from, Object.keys(project.streams))) return
  const from = project.streams[label.from]!
  for (const [row, event] of Object.entries(label.on)) {
    const a = mistakes.attempt('label.on', () => typeOfColumn(row, schema))
    const b = mistakes.attempt('label.on', () => typeOfEventColumn(row, event, from))
    if (a === undefined || b === undefined) continue
    checkSameType(a, b, `'${row}' of the row must equal '${event}' of stream '${from.name}'`, 'label.on', mistakes)
  }
  checkOutcome(model, label, from, mistakes)
}

/** The type of a column that the event is found by; whoever named but one is told how to name both. */
function typeOfEventColumn(row: string, event: string, { name, schema }: StreamDefinition) {
  if (row !== event || Object.hasOwn(schema, event)) return typeOfColumn(event, schema)
  try {
    return typeOfColumn(event, schema)
  } catch (thrown) {
    const { code, message, remedy } = asTruelineError(thrown)
    const both = `Where it is called otherwise in '${name}', name both: .on({ ${row}: 'COLUMN' }).`
    throw new TruelineError(code, message, { remedy: `${remedy} ${both}` })
  }
}

function checkOutcome(
  model: ModelDefinition,
  label: LabelDefinition,
  from: StreamDefinition,
  mistakes: Mistakes,
): void {
  const type = mistakes.attempt('label', () => typeOfExpression(label.expression, from.schema))?.type
  if (type === undefined) return
  checkClasses(label, type, mistakes)
  if (label.classes === undefined && !modelTypes.includes(type))
    mistakes.add(
      'type_mismatch',
      'label',
      `An outcome is a condition or a number; this one is a ${type}.`,
      type === 'string' ? "Say which it may be: label(stream, outcome, { classes: ['a', 'b', 'c'] })." : undefined,
    )
  if (type !== label.type)
    mistakes.add('type_mismatch', 'label', `The outcome is of type ${type}, but it says ${label.type}.`)
  const task = taskOf({ ...label, type })
  if (model.task !== task)
    mistakes.add('definition_invalid', 'task', `A ${type} outcome is learnt by ${task}, not by ${model.task}.`)
  const { absent } = label
  if (label.classes === undefined && absent !== 'exclude' && (typeof absent.value === 'boolean') !== (type === 'bool'))
    mistakes.add('type_mismatch', 'label.absent', `${String(absent.value)} is not of the type of the outcome, ${type}.`)
}

const servingModes: readonly string[] = ['realtime', 'batch', 'stream'] satisfies ServeDefinition['modes']

function checkParts({ task, split, gate, serve, monitor, servingLag }: ModelDefinition, mistakes: Mistakes): void {
  const require = (holds: boolean, place: string, message: string): void => {
    if (!holds) mistakes.add('definition_invalid', place, message)
  }
  require(split.train > 0 && split.validate > 0 && split.test > 0, 'split', 'Each part must be longer than 0.')
  require(servingLag >= 0, 'servingLag', 'It cannot be below 0.')
  const fitting: readonly string[] = taskMetrics[task]
  require(fitting.includes(
    gate.metric,
  ), 'gate.metric', `${task} is judged by ${fitting.join(', ')}; not by '${gate.metric}'.`)
  require(gate.champion.margin >= 0, 'gate.champion.margin', 'It cannot be below 0.')
  const { modes, slo } = serve
  require(modes.length > 0, 'serve.modes', 'There is no mode.')
  for (const mode of modes) mistakes.known('definition_invalid', 'serve.modes', 'mode', mode, servingModes)
  require(slo?.p99 === undefined || slo.p99 > 0, 'serve.slo.p99', 'It must be longer than 0.')
  for (const share of ['availability', 'latencyTarget'] as const) {
    const { [share]: target = 0.5 } = slo ?? {}
    require(target > 0 && target < 1, `serve.slo.${share}`, 'It must lie between 0 and 1.')
  }
  const window = slo?.window ?? DAY
  require(window >= DAY && window <= 90 * DAY, 'serve.slo.window', 'It must be 1 to 90 days.')
  require(monitor.psi > 0, 'monitor.psi', 'It must be above 0.')
  require(monitor.alpha > 0 && monitor.alpha < 1, 'monitor.alpha', 'It must lie between 0 and 1.')
  require(monitor.minimum >= 1, 'monitor.minimum', 'It must be at least 1.')
  require(monitor.streamLag === undefined || monitor.streamLag > 0, 'monitor.streamLag', 'It must be longer than 0.')
  require(monitor.performanceDrop > 0, 'monitor.performanceDrop', 'It must be above 0.')
}

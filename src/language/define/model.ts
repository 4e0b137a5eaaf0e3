import type { Schema } from '../../core/data-type.ts'
import { TruelineError } from '../../core/errors.ts'
import { type Duration, parseDuration } from '../../core/time.ts'
import type { ApprovalsDefinition } from './approvals-definition.ts'
import type { CalibrationMethod } from './calibration-definition.ts'
import type { CheckDefinition } from './check-definition.ts'
import { checkModelParts } from './check-model-parts.ts'
import { checkOptions, type OptionsOf } from './check-options.ts'
import type { ConsumerOptions } from './consumer-definition.ts'
import type { AdverseDefinition, OverrideDefinition } from './decision-definition.ts'
import type {
  CardDefinition,
  ModelDefinition,
  MonitorDefinition,
  Prose,
  ServeDefinition,
  SplitDefinition,
} from './definitions.ts'
import { proseOf } from './entity.ts'
import { type GateOptions, gateOf } from './gate.ts'
import { gbdt } from './gbdt.ts'
import { type Input, inputOf } from './input-of.ts'
import type { Label } from './label.ts'
import type { LeakRules } from './leak-definition.ts'
import { withHidden } from './mentions.ts'
import { isStreamed, predictionStream } from './prediction-stream.ts'
import { type PredictionLogOptions, predictionLog } from './predictions.ts'
import type { ColumnsOf, Requires, RowOf } from './requirement.ts'
import { type RetrainOptions, retrainOf } from './retrain-definition.ts'
import type { SearchDefinition } from './search-definition.ts'
import type { SloDefinition } from './slo-definition.ts'
import type { Stream } from './stream.ts'
import { taskOf } from './task.ts'
import type { TrainerDefinition } from './trainer-definition.ts'
import { type TrainingOptions, trainingOf } from './training-definition.ts'
import { type WeightsOptions, weightsOf } from './weights.ts'

interface ModelOptions<Columns extends Schema> extends Prose {
  /** What the score is, in words. */
  readonly predicts: string
  /** The stream whose rows ask for predictions: one row, one prediction. */
  readonly at: Stream<Columns>
  /** Column of the row that is t, the time of the question; absent: the moment of the prediction. */
  readonly time?: NoInfer<ColumnsOf<Columns, 'timestamp'>>
  /** Training sees only what was known this long before t; 0s unless given. */
  readonly servingLag?: Duration
  readonly features: readonly (Input & Requires<NoInfer<RowOf<Columns>>>)[]
  readonly label: Label<never> & Requires<NoInfer<RowOf<Columns>>>
  readonly split: SplitDefinition
  readonly trainer?: TrainerDefinition
  /** Tries parameters of the trainer and takes the best ones; without it they are taken as they are. */
  readonly search?: SearchDefinition
  /** How much rows count where the model is learnt; without it each counts once. */
  readonly weights?: WeightsOptions<NoInfer<RowOf<Columns>>>
  /** Makes probabilities that can be believed of the scores; without it they stay as they are. */
  readonly calibration?: CalibrationMethod
  readonly gate?: GateOptions<NoInfer<keyof Columns & string>>
  readonly serve?: ServeOptions<NoInfer<RowOf<Columns>>>
  readonly monitor?: MonitorOptions
  /** When it is trained anew without anybody asking; without it never is. */
  readonly retrain?: RetrainOptions
  readonly card?: CardDefinition
  /** Limits of its trainings, and whether the project's tests run first. */
  readonly training?: TrainingOptions
  /** What must hold of the training rows before they are learnt from, and of the newest ones before a version serves. */
  readonly quality?: {
    readonly training?: readonly CheckDefinition[]
    readonly serving?: readonly CheckDefinition[]
    /** By what the training rows are searched for leaks. */
    readonly leaks?: LeakRules
  }
  /** How many people approve a version before it may serve, and who; absent: one person, anybody but its author. */
  readonly approvals?: ApprovalsDefinition
  /** Aliases that only an approved version may have, in place of `champion` and `production`; `champion` always is one. */
  readonly protectedAliases?: readonly string[]
  /**
   * Public keys as PEM, such as `[readFileSync('release.pub', 'utf8')]`: a version serves only with a signature by one of
   * them. Ed25519, or on the curves P-256, P-384 and P-521; without it no signature is asked for.
   */
  readonly signedBy?: readonly string[]
}

interface ServeOptions<in Row> extends Partial<Omit<ServeDefinition, 'log' | 'slo' | 'overrides' | 'consumers'>> {
  readonly slo?: SloOptions
  /** `group` unless given: an answer precedes the disk by at most 50 ms; `sync` waits for it; or with options. */
  readonly log?: 'group' | 'sync' | PredictionLogOptions
  readonly overrides?: readonly (OverrideDefinition & Requires<Row>)[]
  readonly consumers?: readonly ConsumerOptions[]
}

interface SloOptions {
  /** Longest that an answer may take. */
  readonly p99?: Duration
  /** Share of answers that keep to it; 0.99 unless given. */
  readonly latencyTarget?: number
  /** Share of requests that must be answered, those apart that are refused for a reason of whoever asks. */
  readonly availability?: number
  /** Over how long that is promised; 30d unless given. */
  readonly window?: Duration
}

interface MonitorOptions extends Partial<Omit<MonitorDefinition, 'streamLag'>> {
  readonly streamLag?: Duration
}

const known: OptionsOf<ModelOptions<Schema>> = {
  predicts: true,
  at: true,
  time: true,
  servingLag: true,
  features: true,
  label: true,
  split: true,
  trainer: true,
  search: true,
  weights: true,
  calibration: true,
  gate: true,
  serve: true,
  monitor: true,
  retrain: true,
  card: true,
  quality: true,
  training: true,
  approvals: true,
  protectedAliases: true,
  signedBy: true,
  owner: true,
  description: true,
}

function checkModelOptions(name: string, options: ModelOptions<never>): void {
  const place = `model '${name}'`
  checkOptions<ModelOptions<Schema>>(place, options as never, known)
  const { serve = {}, monitor = {}, card = {}, quality = {} } = options
  checkOptions<ServeOptions<never>>(`${place}, serve`, serve, {
    ...{ modes: true, slo: true, decision: true, overrides: true, fallback: true, log: true, consumers: true },
    adverse: true,
  })
  checkModelParts(place, options)
  checkFallbackOptions(`${place}, serve.fallback`, serve.fallback)
  if (serve.adverse !== undefined)
    checkOptions<AdverseDefinition>(`${place}, serve.adverse`, serve.adverse, {
      decisions: true,
      most: true,
      texts: true,
    })
  checkOptions<SloOptions>(`${place}, serve.slo`, serve.slo ?? {}, {
    ...{ p99: true, latencyTarget: true, availability: true, window: true },
  })
  for (const consumer of serve.consumers ?? [])
    checkOptions<ConsumerOptions>(`${place}, serve.consumers`, consumer, {
      ...{ name: true, owner: true, by: true, uses: true, decisions: true },
    })
  checkOptions<MonitorOptions>(`${place}, monitor`, monitor, {
    ...{ psi: true, alpha: true, minimum: true, performanceDrop: true, streamLag: true },
  })
  checkOptions(`${place}, card`, card, { intendedUse: true, limits: true, owner: true, escalation: true })
  checkOptions(`${place}, quality`, quality, { training: true, serving: true, leaks: true })
  checkOptions<LeakRules>(`${place}, quality.leaks`, quality.leaks ?? {}, {
    ...{ allow: true, warnAt: true, failAt: true, duplicates: true },
  })
  checkOptions<TrainingOptions>(`${place}, training`, options.training ?? {}, { limits: true, tests: true })
  if (options.approvals !== undefined)
    checkOptions<ApprovalsDefinition>(`${place}, approvals`, options.approvals, {
      needed: true,
      of: true,
      reasons: true,
    })
}

function checkFallbackOptions(place: string, fallback: ServeDefinition['fallback']): void {
  if (fallback === undefined || typeof fallback === 'string') return
  checkOptions(place, fallback, { timeout: true, missing: true, invalid: true, unavailable: true })
  checkOptions(`${place}.missing`, fallback.missing ?? {}, { decision: true, when: true, features: true })
}

const defaultMonitor: MonitorDefinition = { psi: 0.2, alpha: 0.01, minimum: 500, performanceDrop: 0.02 }

/**
 * One model: what it predicts, from what, and how it is trained, judged, served and watched. All that is left out is
 * written into the definition as its default.
 * @example
 * model('late_flight', {
 *   predicts: 'probability that a flight arrives more than 15 minutes late',
 *   at: departures,
 *   time: 'scheduled_at',
 *   features: [originDelays, timing, departures.pick('distance_mi')],
 *   label: label(arrivals, col('delay_min').gt(15)).on('flight').within('36h').absent('exclude'),
 *   split: byTime({ train: '21d', validate: '5d', test: '5d' }),
 * })
 */
export function model<const Columns extends Schema>(name: string, options: ModelOptions<Columns>): ModelDefinition {
  checkModelOptions(name, options as never)
  const { predicts, at, time, servingLag, label, split, trainer = gbdt(), gate, serve, card = {} } = options
  if (!('absent' in label) || typeof label.absent === 'function') throw withoutAbsence(name)
  const task = taskOf(label)
  const definition: ModelDefinition = {
    kind: 'model',
    name,
    predicts,
    task,
    at: at.name,
    ...(time === undefined ? {} : { time }),
    servingLag: servingLag === undefined ? 0 : parseDuration(servingLag, `model '${name}', servingLag`),
    features: options.features.map((input) => inputOf(input, `model '${name}', features`)),
    label,
    split,
    trainer,
    ...(options.search === undefined ? {} : { search: options.search }),
    ...(options.weights === undefined ? {} : { weights: weightsOf(`model '${name}', weights`, options.weights) }),
    ...(options.calibration === undefined ? {} : { calibration: options.calibration }),
    gate: gateOf(`model '${name}', gate`, task, gate),
    serve: serveOf(name, serve),
    monitor: monitorOf(`model '${name}', monitor`, options.monitor),
    retrain: retrainOf(`model '${name}', retrain`, options.retrain),
    card,
    ...qualityOf(options.quality),
    ...(options.training === undefined ? {} : { training: trainingOf(`model '${name}', training`, options.training) }),
    ...(options.approvals === undefined ? {} : { approvals: options.approvals }),
    ...(options.protectedAliases === undefined ? {} : { protectedAliases: options.protectedAliases }),
    ...(options.signedBy === undefined ? {} : { signedBy: options.signedBy }),
    ...proseOf(options),
  }
  const predictions = isStreamed(definition) ? [predictionStream(definition)] : []
  return withHidden(definition, [at, label, ...options.features, ...(serve?.overrides ?? []), ...predictions], {})
}

function monitorOf(place: string, { streamLag, ...rest }: MonitorOptions = {}): MonitorDefinition {
  const lag = streamLag === undefined ? {} : { streamLag: parseDuration(streamLag, `${place}.streamLag`) }
  return { ...defaultMonitor, ...rest, ...lag }
}

function serveOf(model: string, { modes, slo, log, consumers, ...rest }: ServeOptions<never> = {}): ServeDefinition {
  return {
    modes: modes ?? ['realtime', 'batch'],
    ...(slo === undefined ? {} : { slo: sloOf(`model '${model}', serve.slo`, slo) }),
    ...rest,
    log: predictionLog(log, `model '${model}', serve.log`),
    ...(consumers === undefined ? {} : { consumers: consumers.map((one) => ({ by: 'entity', ...one })) }),
  }
}

function sloOf(place: string, { p99, window, ...shares }: SloOptions): SloDefinition {
  return {
    ...(p99 === undefined ? {} : { p99: parseDuration(p99, `${place}.p99`) }),
    ...shares,
    ...(window === undefined ? {} : { window: parseDuration(window, `${place}.window`) }),
  }
}

function qualityOf(quality: ModelOptions<never>['quality']): Pick<ModelDefinition, 'quality'> {
  if (quality === undefined) return {}
  const { training = [], serving = [], leaks } = quality
  return { quality: { training, serving, ...(leaks === undefined ? {} : { leaks }) } }
}

/** For plain JavaScript: the compiler does not let it come to this. */
function withoutAbsence(name: string): TruelineError {
  const path = `model '${name}', label`
  return new TruelineError('definition_invalid', `${path}: It does not say what it means that no event came.`, {
    path,
    remedy: "End the label with .absent('exclude'), or with the outcome of such rows: .absent(false).",
  })
}

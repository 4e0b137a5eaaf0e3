import { canonicalJson } from '../../../core/canonical.ts'
import { type Digest, digestOfJson } from '../../../core/digest.ts'
import { asTruelineError } from '../../../core/errors.ts'
import { oneAtATime } from '../../../core/one-at-a-time.ts'
import { MINUTE } from '../../../core/time.ts'
import { assertedIdentity, type Identity, platformIdentity } from '../../../governance/identity.ts'
import { digestOfModel } from '../../../language/define/digest.ts'
import { type Alert, listAlerts } from '../../../operate/monitoring/alert-store.ts'
import { type Canary, canaryAt, nextLook } from '../../../operate/retraining/canary.ts'
import {
  decideRetraining,
  type RetrainingDecision,
  type RetrainingFacts,
  wantsLabels,
} from '../../../operate/retraining/decide-retraining.ts'
import { hasTriggers } from '../../../operate/retraining/outlook.ts'
import { rememberEnd } from '../../../operate/retraining/retraining-memory.ts'
import {
  keepDecision,
  keepOutcome,
  listDecisions,
  noRetrainingState,
  type RetrainingOutcome,
  type RetrainingState,
  readDecision,
  readRetrainingStates,
  saveRetrainingState,
} from '../../../operate/retraining/retraining-store.ts'
import type { RetrainingHost } from '../../api/retraining-answers.ts'
import { versionServing } from '../predicting.ts'
import { concludeRun, settleAsked } from './conclude-run.ts'
import { countLabels, type NewLabels } from './count-labels.ts'
import { describeRetraining } from './describe-retraining.ts'
import { badBatchOf, triggersAmong } from './gather-facts.ts'
import type { RetrainingActs, RetrainingParts } from './retraining-parts.ts'
import { judgeServed } from './watch-canary.ts'

/** Trains what its policy says; what has served once is retrained. */
export interface RetrainingDesk extends RetrainingHost {
  /** Decides what is trained now, and looks after what was; a training that begins goes on when it resolves. */
  advance(now: number): Promise<void>
  /** Resolves when no training that was decided on is under way. */
  settled(): Promise<void>
}

/** Labels that nothing but time makes worth counting are counted this often: for that, the tail of the log is written to files. */
const COUNT_EVERY = 10 * MINUTE

/** What becomes of a version under comparison when another one is promoted. */
const REPLACED = 'Another version serves: it is compared no longer.'

/** Who asks for a training, and why. */
interface Asked {
  readonly by: Identity
  readonly reason: string
}

/** A run that was decided on. */
interface Begun {
  readonly number: number
  readonly key: Digest
  readonly ended: Promise<void>
}

export function createRetrainingDesk(parts: RetrainingParts, acts: RetrainingActs): RetrainingDesk {
  const { servings, logger, metadata, clock, desk } = parts
  const inTurn = oneAtATime()
  const going = new Map<string, Begun>()
  /** What was told last of each model, and the number of the decision: what is told again is kept once. */
  const told = new Map<string, { readonly about: string; readonly number: number }>()
  const counted = new Map<string, { readonly count: number; readonly at: number }>()
  const lastCounts = new Map<string, { readonly of: string; readonly labels: NewLabels }>()
  /** Digests of the models in force, which are asked for every second and take a millisecond or two each. */
  let pipelines = { of: parts.project, digests: new Map<string, Digest>() }
  let known: Promise<Map<string, RetrainingState>> | undefined
  let resumed: Promise<void> | undefined

  function states(): Promise<Map<string, RetrainingState>> {
    known ??= readRetrainingStates(metadata).catch((thrown: unknown) => {
      known = undefined
      throw thrown
    })
    return known
  }

  /** Goes on with the trainings that an earlier process did not conclude: who only looks begins none. */
  function resume(): Promise<void> {
    resumed ??= takeUp().catch((thrown: unknown) => {
      resumed = undefined
      throw thrown
    })
    return resumed
  }

  async function takeUp(): Promise<void> {
    for (const [model, { memory }] of await states()) {
      const open = memory.runs.find(({ status }) => status === 'under_way')
      if (open === undefined || parts.project.models[model] === undefined) continue
      const { items } = await listDecisions(metadata, { model, runs: true, limit: 100 })
      const decision = items.find(({ key }) => key === open.key)
      if (decision === undefined) continue
      const asked = open.trigger === 'asked'
      begin(model, decision.number, open.key, asked ? assertedIdentity(decision.by) : platformIdentity('retraining'))
    }
  }

  async function stateOf(model: string): Promise<RetrainingState> {
    return (await states()).get(model) ?? noRetrainingState
  }

  function pipelineOf(model: string): Digest {
    const { project } = parts
    if (pipelines.of !== project) pipelines = { of: project, digests: new Map() }
    let digest = pipelines.digests.get(model)
    if (digest === undefined) {
      digest = digestOfModel(project.models[model]!, project)
      pipelines.digests.set(model, digest)
    }
    return digest
  }

  async function consider(model: string, alerts: readonly Alert[], asked?: Asked): Promise<number | undefined> {
    const champion = versionServing(servings, model).version
    const policy = parts.project.models[model]!.retrain
    const state = await stateOf(model)
    const now = clock.now()
    const pipeline = pipelineOf(model)
    const seen = {
      ...{ now, alerts: triggersAmong(alerts), champion, pipeline, isAsked: asked !== undefined },
      isProving: state.canary !== undefined,
    }
    let facts: RetrainingFacts = { ...seen, labels: 0, root: digestOfJson({ champion }) }
    if (wantsLabels(policy, state.memory, seen)) {
      const before = counted.get(model)?.at
      if (asked === undefined && before !== undefined && now >= before && now - before < COUNT_EVERY) return undefined
      const labels = await labelsNow(model, champion)
      counted.set(model, { count: labels.fresh.n, at: now })
      const badBatch = await badBatchOf(parts, model, champion, policy, labels)
      await tellOfBatch(model, badBatch)
      const { n } = labels.fresh
      facts = { ...seen, labels: n, root: labels.root, ...(badBatch === undefined ? {} : { badBatch }) }
    }
    const { memory, decision } = decideRetraining(policy, state.memory, facts)
    return await keep(model, { ...state, memory }, decision, facts.labels, asked)
  }

  /** What has been counted at this time, of what is in the log, is not counted again. */
  async function labelsNow(model: string, champion: number): Promise<NewLabels> {
    const of = `${champion} ${clock.now()} ${parts.log.nextOffset}`
    const last = lastCounts.get(model)
    if (last?.of === of) return last.labels
    const isGuarded = parts.project.models[model]!.retrain.continuous !== undefined
    const labels = await countLabels(parts, model, champion, isGuarded)
    lastCounts.set(model, { of, labels })
    return labels
  }

  /** Keeps a decision, and begins what it leads to; its number, where a trigger led to it. */
  async function keep(
    model: string,
    state: RetrainingState,
    decision: RetrainingDecision,
    labels: number,
    asked: Asked | undefined,
  ): Promise<number | undefined> {
    const before = await stateOf(model)
    const { trigger, window = '' } = decision
    const last = told.get(model)
    const about = canonicalJson([trigger ?? null, window, decision.kind === 'wait' ? decision.why : null])
    let number = trigger === undefined ? undefined : last?.number
    if (trigger !== undefined && (decision.kind === 'run' || last?.about !== about)) {
      const by = asked?.by ?? platformIdentity('retraining')
      number = await keepDecision(metadata, {
        ...{ model, at: clock.now(), by, labels, reason: asked?.reason, state },
        decision: { ...decision, trigger, window },
      })
      told.set(model, { about, number })
      if (decision.kind === 'run') begin(model, number, decision.key, by)
    } else if (differs(before, state)) await saveRetrainingState(metadata, model, state)
    ;(await states()).set(model, state)
    return number
  }

  function begin(model: string, number: number, key: Digest, by: Identity): void {
    const ended = parts.underWay
      .run(() => carryOut(model, number, key, by))
      .catch((thrown: unknown) => {
        const { code, message } = asTruelineError(thrown)
        logger.error({ model, code }, `What came of retraining ${model} could not be kept: ${message}`)
      })
      .finally(() => going.delete(model))
    going.set(model, { number, key, ended })
  }

  async function carryOut(model: string, number: number, key: Digest, by: Identity): Promise<void> {
    const previous = servings.get(model)?.served?.version
    try {
      const answer = await acts.train(model, by)
      logger.info(
        { model, version: answer.version, verdict: answer.gate.verdict },
        `Retrained ${model}: ${answer.gate.sentence}`,
      )
      await desk.resolve({ model, kind: 'retraining_failed' }, 'A training ended well.')
      const outcome = await concludeRun(parts, acts, answer)
      await inTurn(() => conclude(model, number, key, 'done', outcome, previous))
    } catch (thrown) {
      const { code, message } = asTruelineError(thrown)
      // The training goes on when the platform is back, and so does what becomes of it.
      if (code === 'platform_stopped') return
      logger.error({ model, code }, `Retraining ${model} failed: ${message}`)
      const title = `${model} could not be retrained: ${message}`
      await desk.raise({ model, kind: 'retraining_failed', title, evidence: { code }, effect: {}, n: 1 })
      await inTurn(() => conclude(model, number, key, 'failed', { outcome: 'failed', sentence: message }))
    }
  }

  async function conclude(
    model: string,
    decision: number,
    key: Digest,
    end: 'done' | 'failed',
    outcome: Omit<RetrainingOutcome, 'at'>,
    previous?: number,
  ): Promise<void> {
    const at = clock.now()
    const before = await stateOf(model)
    const { retrain, label } = parts.project.models[model]!
    const memory = rememberEnd(before.memory, key, end)
    const state = outcome.outcome === 'promoted' ? { memory } : { ...before, memory }
    const { version } = outcome
    const isWatched = outcome.outcome === 'promoted' && retrain.continuous !== undefined
    const until = at + (retrain.continuous?.canary.within ?? 0) + label.within + label.grace
    const next =
      isWatched && version !== undefined && previous !== undefined
        ? { memory, canary: { decision, version, previous, since: at, until } }
        : state
    const replaced = outcome.outcome === 'promoted' ? before.canary : undefined
    if (replaced !== undefined) {
      const about = { at, outcome: 'kept', version: replaced.version, sentence: REPLACED } as const
      await keepOutcome(metadata, model, replaced.decision, about, before)
    }
    ;(await states()).set(model, next)
    await keepOutcome(metadata, model, decision, { at, ...outcome }, next)
  }

  async function tellOfBatch(model: string, badBatch: string | undefined): Promise<void> {
    const subject = { model, kind: 'retraining_held' } as const
    if (badBatch === undefined) return await desk.resolve(subject, 'Nothing speaks against the new rows now.')
    const title = `${model} learns nothing from its new rows: ${badBatch}`
    await desk.raise({ ...subject, title, evidence: {}, effect: {}, n: 1 })
  }

  /** Takes a promoted version back that is surely worse than the one before it. */
  async function lookAtCanary(model: string, now: number): Promise<void> {
    const { canary: kept, ...rest } = await stateOf(model)
    if (kept === undefined) return
    const canary = canaryAt(kept, now)
    const note = async (noted: Canary): Promise<void> => {
      await saveRetrainingState(metadata, model, { ...rest, canary: noted })
      ;(await states()).set(model, { ...rest, canary: noted })
    }
    if (canary !== kept) await note(canary)
    const end = async (outcome: 'reverted' | 'kept', sentence: string): Promise<void> => {
      ;(await states()).set(model, rest)
      const { version, decision } = canary
      await keepOutcome(metadata, model, decision, { at: now, outcome, version, sentence }, rest)
    }
    if (servings.get(model)?.served?.version !== canary.version) return await end('kept', REPLACED)
    if (parts.project.models[model]!.retrain.continuous === undefined)
      return await end('kept', 'The policy of the model no longer asks to compare it.')
    if (now < nextLook(canary)) return
    await note({ ...canary, looked: now })
    const { verdict, reason } = await judgeServed(parts, model, canary)
    if (verdict === 'pass') {
      await desk.resolve({ model, kind: 'retraining_reverted' }, `v${canary.version} was promoted and kept.`)
      return await end('kept', `It is not worse than v${canary.previous}. ${reason}`)
    }
    if (verdict === 'insufficient') {
      if (now >= canary.until)
        await end('kept', `That it is worse than v${canary.previous} could not be shown. ${reason}`)
      return
    }
    const sentence = `v${canary.version} is worse than v${canary.previous} on what it was asked. ${reason}`
    await acts.rollback(model, canary.version, platformIdentity('canary'), sentence)
    await end('reverted', sentence)
    await desk.raise({
      ...{ model, kind: 'retraining_reverted', title: `${model}: ${sentence} v${canary.previous} serves again.` },
      ...{ evidence: { version: canary.version, previous: canary.previous }, effect: {}, n: 1 },
    })
  }

  async function advanceModel(model: string, now: number): Promise<void> {
    const served = servings.get(model)?.served
    const isKnown = (await states()).has(model)
    if (served === undefined || !(isKnown || hasTriggers(parts.project.models[model]!.retrain))) return
    const { items: alerts } = await listAlerts(metadata, { model, state: 'open', limit: 100 })
    const waiting = alerts.find(({ kind }) => kind === 'retraining_waits')
    if (waiting !== undefined) await settleAsked(parts, model, (waiting.evidence as { version: number }).version)
    await lookAtCanary(model, now)
    if (hasTriggers(parts.project.models[model]!.retrain)) await consider(model, alerts)
  }

  return {
    advance: (now) =>
      inTurn(async () => {
        await resume()
        for (const model of Object.keys(parts.project.models))
          try {
            await advanceModel(model, now)
          } catch (thrown) {
            const { code, message } = asTruelineError(thrown)
            logger.error({ model, code }, `Whether to retrain ${model} could not be decided: ${message}`)
          }
      }),
    async settled() {
      await Promise.all(Array.from(going.values(), ({ ended }) => ended))
    },
    async run(model, actor, reason) {
      const by = assertedIdentity(actor.name)
      const { items: alerts } = await listAlerts(metadata, { model, state: 'open', limit: 100 })
      const number = await inTurn(async () => {
        await resume()
        return await consider(model, alerts, { by, reason })
      })
      await going.get(model)?.ended
      return await readDecision(metadata, number!)
    },
    async status(model) {
      const all = await states()
      const names = model === undefined ? Object.keys(parts.project.models) : [model]
      const now = clock.now()
      return await Promise.all(
        names.map((name) =>
          describeRetraining(parts, name, all.get(name) ?? noRetrainingState, counted.get(name), now),
        ),
      )
    },
    async history({ model, runs, limit = 100, cursor }) {
      const page = { limit, ...(cursor === undefined ? {} : { cursor }) }
      const { items, next } = await listDecisions(metadata, { ...page, model, runs })
      return { decisions: items, next }
    },
  }
}

/** Whether there is more to keep than that time went on. */
function differs(before: RetrainingState, after: RetrainingState): boolean {
  const told = ({ memory: { seen: _, ...rest }, canary }: RetrainingState): string =>
    canonicalJson({ ...rest, canary: canary ?? null })
  return told(before) !== told(after)
}

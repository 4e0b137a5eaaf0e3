import type { Selectable } from 'kysely'
import { canonicalJson } from '../../core/canonical.ts'
import { recordAct } from '../../governance/audit-log.ts'
import type { Identity } from '../../governance/identity.ts'
import type { Metadata, MetadataTransaction } from '../../stores/metadata/metadata.ts'
import { cursorNumbers, type Page, type PageRequest, pageLimit, pageOf } from '../../stores/metadata/page.ts'
import type { RetrainingDecisionRow, RetrainingOutcomeRow } from '../../stores/metadata/retraining-tables.ts'
import type { Canary } from './canary.ts'
import type { RetrainingDecision } from './decide-retraining.ts'
import { nothingRemembered, type RetrainingMemory } from './retraining-memory.ts'

/** What is kept of a model. */
export interface RetrainingState {
  readonly memory: RetrainingMemory
  readonly canary?: Canary
}

/** What came of a decision. */
export type RetrainingOutcomeKind = RetrainingOutcomeRow['outcome']

export interface RetrainingOutcome {
  /** Microseconds. */
  readonly at: number
  readonly outcome: RetrainingOutcomeKind
  readonly version?: number
  readonly run?: string
  readonly sentence: string
}

/** A decision, as it is kept. */
export interface KeptDecision {
  readonly number: number
  readonly model: string
  /** Microseconds. */
  readonly at: number
  readonly kind: 'run' | 'wait'
  readonly trigger: string
  readonly window: string
  readonly why?: string
  readonly sentence: string
  readonly key?: string
  readonly labels: number
  readonly by: string
  /** Oldest first. */
  readonly outcomes: readonly RetrainingOutcome[]
}

export interface DecisionCounts {
  /** `why` is null of those that led to a training. */
  readonly decisions: readonly {
    readonly model: string
    readonly trigger: string
    readonly why: string | null
    readonly count: number
  }[]
  readonly outcomes: readonly {
    readonly model: string
    readonly outcome: RetrainingOutcomeKind
    readonly count: number
  }[]
}

/** What is kept of every model of which anything is. */
export async function readRetrainingStates({ database }: Metadata): Promise<Map<string, RetrainingState>> {
  const rows = await database.selectFrom('retraining_states').selectAll().execute()
  return new Map(
    rows.map(({ model, memory, canary }) => [
      model,
      { memory: JSON.parse(memory), ...(canary === null ? {} : { canary: JSON.parse(canary) }) },
    ]),
  )
}

/** Keeps what is remembered of a model, in place of what was. */
export async function saveRetrainingState(
  { database }: Pick<Metadata, 'database'> | { readonly database: MetadataTransaction },
  model: string,
  { memory, canary }: RetrainingState,
): Promise<void> {
  const row = { memory: canonicalJson(memory), canary: canary === undefined ? null : canonicalJson(canary) }
  await database
    .insertInto('retraining_states')
    .values({ model, ...row })
    .onConflict((conflict) => conflict.column('model').doUpdateSet(row))
    .execute()
}

/** A decision that a trigger led to. */
export interface NewRetrainingDecision {
  readonly model: string
  readonly at: number
  readonly by: Identity
  readonly labels: number
  /** Why somebody asked. */
  readonly reason?: string | undefined
  readonly decision: RetrainingDecision & { readonly trigger: string; readonly window: string }
  readonly state: RetrainingState
}

/**
 * Keeps a decision with what is to be remembered after it; a run goes into the audit log, too.
 * @returns the decision's number
 */
export async function keepDecision({ database }: Metadata, kept: NewRetrainingDecision): Promise<number> {
  const { model, at, by, labels, decision, state, reason } = kept
  const { kind, trigger, window, sentence } = decision
  return await database.transaction().execute(async (transaction) => {
    await saveRetrainingState({ database: transaction }, model, state)
    const row = {
      ...{ model, at, kind, trigger, window, sentence, labels },
      why: decision.kind === 'wait' ? decision.why : null,
      key: decision.kind === 'run' ? decision.key : null,
      ...{ by_name: by.name, by_asserted: by.asserted ? 1 : 0 },
    }
    const { number } = await transaction
      .insertInto('retraining_decisions')
      .values(row)
      .returning('number')
      .executeTakeFirstOrThrow()
    if (decision.kind === 'run') {
      const after = { decision: number, trigger, labels, key: decision.key }
      const act = { by, at, action: 'retraining.run', target: model, reason: reason ?? sentence, after }
      await recordAct(transaction, act)
    }
    return number
  })
}

/** Keeps what came of a decision, with what is to be remembered after it. */
export async function keepOutcome(
  { database }: Metadata,
  model: string,
  decision: number,
  { at, outcome, version, run, sentence }: RetrainingOutcome,
  state: RetrainingState,
): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    await saveRetrainingState({ database: transaction }, model, state)
    await transaction
      .insertInto('retraining_outcomes')
      .values({ decision, at, outcome, version: version ?? null, run: run ?? null, sentence })
      .execute()
  })
}

/** Decisions, newest first; of one model, or runs alone, when asked. */
export async function listDecisions(
  { database }: Metadata,
  request: PageRequest & { readonly model?: string | undefined; readonly runs?: boolean | undefined } = {},
): Promise<Page<KeptDecision>> {
  const limit = pageLimit(request)
  const before = cursorNumbers(request, 1)?.[0]
  let query = database.selectFrom('retraining_decisions').selectAll()
  if (request.model !== undefined) query = query.where('model', '=', request.model)
  if (request.runs === true) query = query.where('kind', '=', 'run')
  if (before !== undefined) query = query.where('number', '<', before)
  const rows = await query
    .orderBy('number', 'desc')
    .limit(limit + 1)
    .execute()
  const outcomes = await outcomesOf(
    database,
    rows.map(({ number }) => number),
  )
  return pageOf(
    rows,
    limit,
    (row) => [row.number],
    (row) => decisionOf(row, outcomes),
  )
}

/** A decision by its number, which is that of one. */
export async function readDecision({ database }: Metadata, number: number): Promise<KeptDecision> {
  const query = database.selectFrom('retraining_decisions').selectAll().where('number', '=', number)
  return decisionOf(await query.executeTakeFirstOrThrow(), await outcomesOf(database, [number]))
}

/** How often what was decided on each model, and what came of it, since the beginning. */
export async function countDecisions({ database }: Pick<Metadata, 'database'>): Promise<DecisionCounts> {
  const decisions = await database
    .selectFrom('retraining_decisions')
    .select(({ fn }) => ['model', 'trigger', 'why', fn.countAll<number>().as('count')])
    .groupBy(['model', 'trigger', 'why'])
    .execute()
  const outcomes = await database
    .selectFrom('retraining_outcomes')
    .innerJoin('retraining_decisions', 'retraining_decisions.number', 'retraining_outcomes.decision')
    .select(({ fn }) => ['model', 'outcome', fn.countAll<number>().as('count')])
    .groupBy(['model', 'outcome'])
    .execute()
  return { decisions, outcomes }
}

async function outcomesOf(database: Metadata['database'], decisions: readonly number[]) {
  if (decisions.length === 0) return []
  const query = database.selectFrom('retraining_outcomes').selectAll().where('decision', 'in', decisions)
  return await query.orderBy('number').execute()
}

function decisionOf(
  row: Selectable<RetrainingDecisionRow>,
  outcomes: readonly Selectable<RetrainingOutcomeRow>[],
): KeptDecision {
  const { number, model, at, kind, trigger, window, why, sentence, key, labels, by_name } = row
  return {
    ...{ number, model, at, kind, trigger, window, sentence, labels, by: by_name },
    ...(why === null ? {} : { why }),
    ...(key === null ? {} : { key }),
    outcomes: outcomes
      .filter(({ decision }) => decision === number)
      .map((one) => ({
        ...{ at: one.at, outcome: one.outcome, sentence: one.sentence },
        ...(one.version === null ? {} : { version: one.version }),
        ...(one.run === null ? {} : { run: one.run }),
      })),
  }
}

/** What is remembered of a model of which nothing is kept. */
export const noRetrainingState: RetrainingState = { memory: nothingRemembered }

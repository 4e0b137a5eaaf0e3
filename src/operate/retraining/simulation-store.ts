import type { Selectable } from 'kysely'
import { canonicalJson } from '../../core/canonical.ts'
import { TruelineError } from '../../core/errors.ts'
import { recordAct } from '../../governance/audit-log.ts'
import type { Identity } from '../../governance/identity.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import type { SimulationRow } from '../../stores/metadata/tables.ts'
import type { Simulation } from './simulation.ts'

/** Keeps a comparison of policies, and who made it in the audit log. */
export async function keepSimulation(
  { database }: Metadata,
  { by, ...simulation }: Omit<Simulation, 'number' | 'by'> & { readonly by: Identity },
): Promise<Simulation> {
  const { model, at, ...content } = simulation
  return await database.transaction().execute(async (transaction) => {
    const row = await transaction
      .insertInto('simulations')
      .values({ model, at, content: canonicalJson(content), by_name: by.name, by_asserted: by.asserted ? 1 : 0 })
      .returningAll()
      .executeTakeFirstOrThrow()
    const { from, until, policies } = content
    const after = { from, until, policies: policies.map(({ policy }) => policy) }
    await recordAct(transaction, { by, at, action: 'model.simulate', target: `${model}/${row.number}`, after })
    return simulationOf(row)
  })
}

/** Which comparisons. */
export interface SimulationQuery {
  readonly model?: string | undefined
  /** The last 100 unless given. */
  readonly limit?: number | undefined
  readonly offset?: number | undefined
}

const USUALLY_LISTED = 100

/** Comparisons of policies, newest first. */
export async function listSimulations(
  { database }: Pick<Metadata, 'database'>,
  { model, limit = USUALLY_LISTED, offset = 0 }: SimulationQuery,
): Promise<readonly Simulation[]> {
  let query = database.selectFrom('simulations').selectAll().orderBy('number', 'desc').limit(limit).offset(offset)
  if (model !== undefined) query = query.where('model', '=', model)
  return (await query.execute()).map(simulationOf)
}

/**
 * A comparison by its number.
 * @throws TruelineError `unknown_simulation`
 */
export async function readSimulation({ database }: Pick<Metadata, 'database'>, number: number): Promise<Simulation> {
  const row = await database.selectFrom('simulations').selectAll().where('number', '=', number).executeTakeFirst()
  if (row === undefined) throw new TruelineError('unknown_simulation', `There is no simulation ${number}.`)
  return simulationOf(row)
}

function simulationOf({ number, model, at, by_name, content }: Selectable<SimulationRow>): Simulation {
  return { ...JSON.parse(content), number, model, at, by: by_name } as Simulation
}

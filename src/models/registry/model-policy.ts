import type { Kysely } from 'kysely'
import { TruelineError } from '../../core/errors.ts'
import { definitionsInForce } from '../../governance/applied-definitions.ts'
import { type ApprovalsDefinition, defaultProtectedAliases } from '../../language/define/approvals-definition.ts'
import type { GateDefinition } from '../../language/define/definitions.ts'
import type { MetadataTables } from '../../stores/metadata/tables.ts'

/** The alias of what serves: it moves by promotion and rollback alone. */
export const CHAMPION = 'champion'

/** The rules for a governed model: one that the project defines, or that has versions which can serve. */
export interface ModelPolicy {
  /** Absent: one person, anybody but the author. */
  readonly approvals: ApprovalsDefinition | undefined
  /** What judges its versions; absent where the project defines it no more. */
  readonly gate: GateDefinition | undefined
  /** Lower case, `champion` among them. */
  readonly protectedAliases: ReadonlySet<string>
}

/** The rules for a model by the definitions in force; undefined for a name that is free of them. */
export async function policyOf(database: Kysely<MetadataTables>, model: string): Promise<ModelPolicy | undefined> {
  const definition = (await definitionsInForce({ database }))?.definition.models[model]
  if (definition === undefined && (await withVersions(database, [model])).length === 0) return undefined
  const names = definition?.protectedAliases ?? defaultProtectedAliases
  return {
    approvals: definition?.approvals,
    gate: definition?.gate,
    protectedAliases: new Set([CHAMPION, ...names.map((name) => name.toLowerCase())]),
  }
}

/**
 * Refuses to rename or delete what is governed.
 * @throws TruelineError `model_governed`
 */
export async function requireFree(database: Kysely<MetadataTables>, model: string, act: string): Promise<void> {
  if ((await policyOf(database, model)) === undefined) return
  throw new TruelineError(
    'model_governed',
    `'${model}' is a model of the project, with a history that is kept: it cannot be ${act}.`,
  )
}

/** Which of these names the rules hold for. */
export async function governedAmong(
  database: Kysely<MetadataTables>,
  names: readonly string[],
): Promise<ReadonlySet<string>> {
  const defined = (await definitionsInForce({ database }))?.definition.models ?? {}
  const others = names.filter((name) => defined[name] === undefined)
  return new Set([...names.filter((name) => defined[name] !== undefined), ...(await withVersions(database, others))])
}

async function withVersions(database: Kysely<MetadataTables>, names: readonly string[]): Promise<string[]> {
  const versions = database.selectFrom('model_versions').select('model').distinct().where('model', 'in', names)
  return (await versions.execute()).map(({ model }) => model)
}

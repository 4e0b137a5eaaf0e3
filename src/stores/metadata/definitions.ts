import type { Kysely } from 'kysely'
import { canonicalJson } from '../../core/canonical.ts'
import { type Digest, digestOf } from '../../core/digest.ts'
import { TruelineError } from '../../core/errors.ts'
import type { ProjectDefinition } from '../../language/define/definitions.ts'
import type { MetadataTables } from './tables.ts'

/**
 * Keeps a project's definitions by the digest of their canonical JSON, prose included, for ever. The same definitions
 * are kept once.
 * @param at microseconds
 */
export async function saveDefinition(
  database: Kysely<MetadataTables>,
  definition: ProjectDefinition,
  at: number,
): Promise<Digest> {
  const content = canonicalJson(definition)
  const digest = digestOf(content)
  const row = await database.selectFrom('definitions').select('digest').where('digest', '=', digest).executeTakeFirst()
  if (row === undefined) await database.insertInto('definitions').values({ digest, content, saved_at: at }).execute()
  return digest
}

/**
 * The definitions kept under a digest.
 * @throws TruelineError `directory_damaged` when they are not there or not what the digest says
 */
export async function readDefinition(database: Kysely<MetadataTables>, digest: string): Promise<ProjectDefinition> {
  const row = await database.selectFrom('definitions').select('content').where('digest', '=', digest).executeTakeFirst()
  if (row === undefined || digestOf(row.content) !== digest)
    throw new TruelineError('directory_damaged', `The definitions ${digest} are missing or not what they were.`)
  return JSON.parse(row.content) as ProjectDefinition
}

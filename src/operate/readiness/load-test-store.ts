import type { Selectable } from 'kysely'
import { canonicalJson } from '../../core/canonical.ts'
import { TruelineError } from '../../core/errors.ts'
import { recordAct } from '../../governance/audit-log.ts'
import type { Identity } from '../../governance/identity.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import type { LoadTestRow } from '../../stores/metadata/tables.ts'
import type { LoadTest } from './load-test.ts'

/** Keeps what a load test measured, and who made it in the audit log. */
export async function keepLoadTest(
  { database }: Metadata,
  { by, ...test }: Omit<LoadTest, 'number' | 'by'> & { readonly by: Identity },
): Promise<LoadTest> {
  const { model, version, digest, at, verdict, ...content } = test
  return await database.transaction().execute(async (transaction) => {
    const row = await transaction
      .insertInto('load_tests')
      .values({
        ...{ model, version, digest, at, verdict, content: canonicalJson(content) },
        ...{ by_name: by.name, by_asserted: by.asserted ? 1 : 0 },
      })
      .returningAll()
      .executeTakeFirstOrThrow()
    const after = { version, verdict, knee: test.knee }
    await recordAct(transaction, { by, at, action: 'model.loadtest', target: `${model}/${row.number}`, after })
    return loadTestOf(row)
  })
}

const MOST_LISTED = 1000

/** Which load tests. */
export interface LoadTestQuery {
  readonly model?: string | undefined
  readonly digest?: string
  /** The last 1,000 unless given. */
  readonly limit?: number | undefined
  readonly offset?: number | undefined
}

/** Load tests, newest first: of all models or one, and of one version by its digest. */
export async function listLoadTests(
  { database }: Pick<Metadata, 'database'>,
  { model, digest, limit = MOST_LISTED, offset = 0 }: LoadTestQuery,
): Promise<readonly LoadTest[]> {
  let query = database.selectFrom('load_tests').selectAll().orderBy('number', 'desc').limit(limit).offset(offset)
  if (model !== undefined) query = query.where('model', '=', model)
  if (digest !== undefined) query = query.where('digest', '=', digest)
  return (await query.execute()).map(loadTestOf)
}

/**
 * A load test by its number.
 * @throws TruelineError `unknown_load_test`
 */
export async function readLoadTest({ database }: Pick<Metadata, 'database'>, number: number): Promise<LoadTest> {
  const row = await database.selectFrom('load_tests').selectAll().where('number', '=', number).executeTakeFirst()
  if (row === undefined) throw new TruelineError('unknown_load_test', `There is no load test ${number}.`)
  return loadTestOf(row)
}

function loadTestOf({
  number,
  model,
  version,
  digest,
  verdict,
  at,
  by_name,
  content,
}: Selectable<LoadTestRow>): LoadTest {
  return { ...JSON.parse(content), number, model, version, digest, verdict, at, by: by_name } as LoadTest
}

import { fixTree } from '../../../stores/artifacts/logged-trees.ts'
import type { Metadata } from '../../../stores/metadata/metadata.ts'
import { placeOfSource } from '../../api/mlflow/version-source.ts'

/** Each of their transactions waits for the disk. */
const VERSIONS_AT_ONCE = 500

/**
 * Fixes the files of versions that were logged before files of versions were fixed, as they are now: at the start, before
 * anybody can write to them.
 */
export async function settleLoggedTrees(metadata: Metadata): Promise<void> {
  const { database } = metadata
  const versions = await database
    .selectFrom('logged_versions as logged')
    .innerJoin('registered_models as named', 'named.number', 'logged.model')
    .leftJoin('logged_trees as tree', (join) =>
      join.onRef('tree.model', '=', 'logged.model').onRef('tree.version', '=', 'logged.version'),
    )
    .select(['logged.model', 'logged.version', 'logged.source'])
    .where('tree.model', 'is', null)
    .where('logged.deleted_at', 'is', null)
    .where('named.deleted_at', 'is', null)
    .execute()
  for (let from = 0; from < versions.length; from += VERSIONS_AT_ONCE)
    await database.transaction().execute(async (transaction) => {
      for (const { model, version, source } of versions.slice(from, from + VERSIONS_AT_ONCE)) {
        const folder = await placeOfSource({ database: transaction }, source)
        await fixTree(transaction, { model, version }, folder)
      }
    })
}

import type { Kysely } from 'kysely'
import type { Digest } from '../../core/digest.ts'
import type { MetadataTransaction } from '../metadata/metadata.ts'
import type { MetadataTables } from '../metadata/tables.ts'
import { listTree, readTreeFile, type TreeFile, treeDigest } from './artifact-trees.ts'

/** A version that was logged, by the number of its registered model. */
interface LoggedVersion {
  readonly model: number
  readonly version: number
}

/** The files that a version was logged with. */
export interface LoggedTree {
  /** Where they are among the artifacts: a folder, or the one file; null where they were not here. */
  readonly folder: string | null
  /** Of the files as they were then; null where `folder` is. */
  readonly digest: Digest | null
  /** How many; 0 where nothing was there yet. */
  readonly files: number
}

/**
 * Fixes the files of a version as they are: from here on nobody adds to them, replaces or removes them while the version is
 * there. Where none are there yet nothing is fixed, and that is on record.
 * @param folder among the artifacts; undefined for files that are elsewhere
 */
export async function fixTree(
  transaction: MetadataTransaction,
  { model, version }: LoggedVersion,
  folder: string | undefined,
): Promise<LoggedTree> {
  const files = folder === undefined ? [] : await filesAt(transaction, folder)
  const tree =
    folder === undefined
      ? { folder: null, digest: null, files: 0 }
      : { folder, digest: treeDigest(files), files: files.length }
  await transaction
    .insertInto('logged_trees')
    .values({ model, version, ...tree })
    .execute()
  return tree
}

/** The files that a version was logged with; undefined of one that was not logged. */
export async function loggedTree(
  database: Kysely<MetadataTables>,
  { model, version }: LoggedVersion,
): Promise<LoggedTree | undefined> {
  const rows = database.selectFrom('logged_trees').selectAll().where('model', '=', model)
  const row = await rows.where('version', '=', version).executeTakeFirst()
  return row === undefined ? undefined : { folder: row.folder, digest: row.digest as Digest | null, files: row.files }
}

/** The files at a place: all below a folder, or the one file that it is, under an empty path. */
export async function filesAt(database: Kysely<MetadataTables>, place: string): Promise<readonly TreeFile[]> {
  const files = await listTree({ database }, place)
  if (files.length > 0) return files
  const isFile = database.selectFrom('artifact_files').select('path').where('path', '=', place)
  if ((await isFile.executeTakeFirst()) === undefined) return []
  return [{ ...(await readTreeFile({ database }, place)), path: '' }]
}

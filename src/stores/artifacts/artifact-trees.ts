import { type Kysely, sql } from 'kysely'
import { type Digest, digestOfJson } from '../../core/digest.ts'
import { TruelineError } from '../../core/errors.ts'
import type { Metadata, MetadataTransaction } from '../metadata/metadata.ts'
import type { MetadataTables } from '../metadata/tables.ts'
import { artifactPath } from './artifact-path.ts'
import type { Artifacts } from './artifacts.ts'
import { refuseFixed } from './refuse-fixed.ts'

/** A file of a tree: what its path stands for. */
export interface TreeFile {
  /** Names between slashes. */
  readonly path: string
  readonly digest: Digest
  /** Bytes. */
  readonly size: number
}

/** What a folder of a tree holds directly. */
export type TreeEntry =
  | { readonly name: string; readonly isFolder: true }
  | { readonly name: string; readonly isFolder: false; readonly size: number }

/**
 * Keeps a file of a tree as it comes, in bounded memory. Nothing is left of content that breaks off; a file that was
 * there under the path is replaced in one step.
 * @throws TruelineError `invalid_parameter` for a path that is none, or whose place a folder has, or a folder of which is a
 *   file; `version_files_fixed`; `disk_full`; and whatever `content` throws
 */
export async function putTreeFile(
  { database, clock }: Metadata,
  artifacts: Artifacts,
  text: string,
  content: AsyncIterable<Uint8Array>,
): Promise<TreeFile> {
  const path = artifactPath(text)
  // Before the content is taken, and again when it is there: it may take long.
  await refuseConflict(database, path)
  let size = 0
  async function* counted() {
    for await (const chunk of content) {
      size += chunk.length
      yield chunk
    }
  }
  const digest = await artifacts.put(counted())
  await database.transaction().execute(async (transaction) => {
    await refuseConflict(transaction, path)
    const row = { digest, size, at: clock.now() }
    await transaction
      .insertInto('artifact_files')
      .values({ path, ...row })
      .onConflict((conflict) => conflict.column('path').doUpdateSet(row))
      .execute()
  })
  return { path, digest, size }
}

/**
 * A file of a tree.
 * @throws TruelineError `unknown_artifact`, `invalid_parameter`
 */
export async function readTreeFile({ database }: Pick<Metadata, 'database'>, text: string): Promise<TreeFile> {
  const path = artifactPath(text)
  const row = await database
    .selectFrom('artifact_files')
    .select(['path', 'digest', 'size'])
    .where('path', '=', path)
    .executeTakeFirst()
  if (row === undefined) throw new TruelineError('unknown_artifact', `No such artifact: '${path}'.`, { path })
  return { ...row, digest: row.digest as Digest }
}

/** What a folder holds directly, by name; nothing when there is no such folder. An empty text is the root of all trees. */
export async function listTreeFolder({ database }: Pick<Metadata, 'database'>, text: string): Promise<TreeEntry[]> {
  const prefix = text === '' || text === '.' ? '' : `${artifactPath(text)}/`
  const { rows } = await sql<{ name: string; folder: number; size: number }>`
    SELECT CASE slash WHEN 0 THEN rest ELSE substr(rest, 1, slash - 1) END AS name, max(slash > 0) AS folder, max(size) AS size
    FROM (
      SELECT rest, size, instr(rest, '/') AS slash FROM (
        SELECT substr(path, length(${prefix}) + 1) AS rest, size FROM artifact_files WHERE ${below(prefix)}
      )
    )
    GROUP BY 1 ORDER BY 1`.execute(database)
  return rows.map(({ name, folder, size }) =>
    folder === 1 ? { name, isFolder: true } : { name, isFolder: false, size },
  )
}

/** All files below a folder, by path; their paths begin at the folder. */
export async function listTree({ database }: Pick<Metadata, 'database'>, text: string): Promise<TreeFile[]> {
  const prefix = `${artifactPath(text)}/`
  const rows = await database
    .selectFrom('artifact_files')
    .select(['path', 'digest', 'size'])
    .where(below(prefix))
    .orderBy('path')
    .execute()
  return rows.map(({ path, digest, size }) => ({ path: path.slice(prefix.length), digest: digest as Digest, size }))
}

/** The digest of a tree: of its paths and what they stand for. */
export function treeDigest(files: readonly TreeFile[]): Digest {
  return digestOfJson(Object.fromEntries(files.map(({ path, digest }) => [path, digest])))
}

/**
 * Takes a file away, or all that is below a folder; the content stays among the artifacts.
 * @returns how many files that were
 * @throws TruelineError `version_files_fixed`, `invalid_parameter`
 */
export async function removeTree({ database }: Pick<Metadata, 'database'>, text: string): Promise<number> {
  const path = artifactPath(text)
  await refuseFixed(database, path, true)
  const { numDeletedRows } = await database
    .deleteFrom('artifact_files')
    .where((where) => where.or([where('path', '=', path), below(`${path}/`)]))
    .executeTakeFirst()
  return Number(numDeletedRows)
}

async function refuseConflict(database: Kysely<MetadataTables> | MetadataTransaction, path: string): Promise<void> {
  await refuseFixed(database, path)
  const names = path.split('/')
  const folders = names.slice(1).map((_, index) => names.slice(0, index + 1).join('/'))
  const found = await database
    .selectFrom('artifact_files')
    .select('path')
    .where((where) => where.or([below(`${path}/`), ...(folders.length === 0 ? [] : [where('path', 'in', folders)])]))
    .limit(1)
    .executeTakeFirst()
  if (found === undefined) return
  const why = found.path.length > path.length ? 'It is a folder already' : `'${found.path}' is a file`
  throw new TruelineError('invalid_parameter', `Invalid path: '${path}' cannot be a file. ${why}.`, { path })
}

/** Paths that begin with a prefix that ends in a slash: a range, which the key answers. */
function below(prefix: string) {
  if (prefix === '') return sql<boolean>`TRUE`
  return sql<boolean>`path >= ${prefix} AND path < ${`${prefix.slice(0, -1)}0`}`
}

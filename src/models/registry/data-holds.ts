import type { Digest } from '../../core/digest.ts'
import { TruelineError } from '../../core/errors.ts'
import type { Metadata, MetadataTransaction } from '../../stores/metadata/metadata.ts'
import { versionName } from './model-version.ts'

/** Files of events by stream, as the manifest of a dataset names them. */
export type DataFiles = Readonly<Record<string, readonly { readonly digest: Digest; readonly rows: number }[]>>

/** A file of events that a version was trained on. */
export interface DataHold {
  readonly digest: Digest
  readonly stream: string
  readonly rows: number
  readonly model: string
  readonly version: number
}

/** Most digests of one question to the database. */
const DIGESTS_AT_ONCE = 500

/** Holds the files that a version was trained on: in the transaction that registers it, so that there is no moment without. */
export async function holdData(
  transaction: MetadataTransaction,
  { model, version }: { readonly model: string; readonly version: number },
  files: DataFiles,
): Promise<void> {
  const rows = Object.entries(files).flatMap(([stream, list]) =>
    list.map(({ digest, rows: count }) => ({ digest, model, version, stream, rows: count })),
  )
  // A file may be named twice, and holds once.
  const once = [...new Map(rows.map((row) => [`${row.stream} ${row.digest}`, row])).values()]
  for (let from = 0; from < once.length; from += DIGESTS_AT_ONCE)
    await transaction
      .insertInto('data_holds')
      .values(once.slice(from, from + DIGESTS_AT_ONCE))
      .execute()
}

/** The holds on files, by version. */
export async function holdsOn({ database }: Metadata, digests: readonly Digest[]): Promise<readonly DataHold[]> {
  const holds: DataHold[] = []
  for (let from = 0; from < digests.length; from += DIGESTS_AT_ONCE) {
    const rows = await database
      .selectFrom('data_holds')
      .selectAll()
      .where('digest', 'in', digests.slice(from, from + DIGESTS_AT_ONCE))
      .orderBy('model')
      .orderBy('version')
      .execute()
    for (const row of rows) holds.push({ ...row, digest: row.digest as Digest })
  }
  return holds
}

/**
 * Refuses to let files of events go that versions were trained on: whatever removes or rewrites files of the lake asks first.
 * @throws TruelineError `rows_held`, with the versions
 */
export async function requireUnheld(metadata: Metadata, digests: readonly Digest[]): Promise<void> {
  const holds = await holdsOn(metadata, digests)
  if (holds.length === 0) return
  const versions = [...new Set(holds.map(({ model, version }) => versionName(model, version)))]
  const files = new Set(holds.map(({ digest }) => digest)).size
  const more = versions.length > 5 ? ` and ${versions.length - 5} more` : ''
  throw new TruelineError(
    'rows_held',
    `${files} files of events are held by ${versions.slice(0, 5).join(', ')}${more}, which were trained on them.`,
    { path: versions[0]! },
  )
}

import type { Digest } from '../../core/digest.ts'
import type { Metadata, MetadataTransaction } from '../../stores/metadata/metadata.ts'

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

import type { Kysely } from 'kysely'
import type { Clock } from '../../../core/clock.ts'
import { TruelineError } from '../../../core/errors.ts'
import { HOUR } from '../../../core/time.ts'
import { recordAct } from '../../../governance/audit-log.ts'
import type { Identity } from '../../../governance/identity.ts'
import { removeTree } from '../../../stores/artifacts/artifact-trees.ts'
import type { Artifacts, StoredBlob } from '../../../stores/artifacts/artifacts.ts'
import type { Metadata, MetadataTransaction } from '../../../stores/metadata/metadata.ts'
import { type NamingWatch, namedDigests, watchNaming } from '../../../stores/metadata/named-digests.ts'
import type { MetadataTables } from '../../../stores/metadata/tables.ts'
import type { CollectionAnswer, CollectionCount } from '../../api/artifact-answers.ts'
import { unusedTrees } from './unused-trees.ts'

export interface CollectionParts {
  readonly metadata: Metadata
  readonly artifacts: Artifacts
  readonly clock: Clock
}

export interface CollectionOptions {
  /** Whether anything is done; otherwise it is only told. */
  readonly apply: boolean
  /** How long a thing must have belonged to nothing before it goes, microseconds; an hour at least. */
  readonly grace: number
  readonly by: Identity
}

type Kind = 'tree' | 'blob'

interface Found {
  readonly kind: Kind
  readonly name: string
  readonly state: string
  readonly size: number
}

const LEAST_GRACE = HOUR
/** As many blobs are looked at once more, and taken away, while nothing else writes. */
const BLOBS_AT_ONCE = 100
/** As many marks are written in one transaction. */
const MARKS_AT_ONCE = 1000

/**
 * Finds artifacts that belong to nothing: folders of deleted runs and logged models that no version needs, and blobs that
 * the metadata does not name. What is found is marked, and taken away when it is found so again, unchanged, a grace time
 * later: what is being uploaded or was put again has its time.
 * @throws TruelineError `invalid_parameter` for a grace of less than an hour
 */
export async function collectArtifacts(parts: CollectionParts, options: CollectionOptions): Promise<CollectionAnswer> {
  if (!(options.grace >= LEAST_GRACE))
    throw new TruelineError('invalid_parameter', 'The grace is an hour at least: uploads may take that long.', {
      path: 'grace',
    })
  const trees = await collectTrees(parts, options)
  const blobs = await collectBlobs(parts, options)
  const { due, waiting } = { due: [...trees.due, ...blobs.due], waiting: [...trees.waiting, ...blobs.waiting] }
  if (options.apply && due.length > 0) await record(parts, options, due)
  return { applied: options.apply, collected: countOf(due), waiting: countOf(waiting) }
}

/** What goes, and what has its grace still. */
interface Sorted {
  readonly due: readonly Found[]
  readonly waiting: readonly Found[]
}

async function collectTrees({ metadata, clock }: CollectionParts, options: CollectionOptions): Promise<Sorted> {
  return await metadata.database.transaction().execute(async (transaction) => {
    const trees = await unusedTrees(transaction)
    const found = trees.map(({ folder, digest, size }): Found => ({ kind: 'tree', name: folder, state: digest, size }))
    const { marks, gone, ...sorted } = sort(await marksOf(transaction, 'tree'), found, options, clock.now())
    if (options.apply) await writeMarks(transaction, 'tree', marks, gone)
    if (options.apply) for (const { name } of sorted.due) await removeTree({ database: transaction }, name)
    return sorted
  })
}

async function collectBlobs(parts: CollectionParts, options: CollectionOptions): Promise<Sorted> {
  const naming = await watchNaming(parts.metadata.database)
  try {
    return await collectUnnamed(parts, options, naming)
  } finally {
    await naming.end()
  }
}

async function collectUnnamed(
  { metadata, artifacts, clock }: CollectionParts,
  options: CollectionOptions,
  naming: NamingWatch,
): Promise<Sorted> {
  const named = await namedDigests(metadata.database)
  const found: (Found & { readonly blob: StoredBlob })[] = []
  for await (const blob of artifacts.list())
    if (!named.has(blob.digest)) found.push({ kind: 'blob', name: blob.digest, state: blob.put, size: blob.size, blob })
  const { database } = metadata
  const { marks, gone: unmarked, ...sorted } = sort(await marksOf(database, 'blob'), found, options, clock.now())
  if (!options.apply) return sorted
  for (let first = 0; first < Math.max(marks.length, unmarked.length); first += MARKS_AT_ONCE)
    await database.transaction().execute(async (transaction) => {
      const some = <Item>(all: readonly Item[]) => all.slice(first, first + MARKS_AT_ONCE)
      await writeMarks(transaction, 'blob', some(marks), some(unmarked))
    })
  const dueNames = new Set(sorted.due.map(({ name }) => name))
  const due = found.filter(({ name }) => dueNames.has(name))
  const gone: Found[] = []
  for (let first = 0; first < due.length; first += BLOBS_AT_ONCE)
    await database.transaction().execute(async (transaction) => {
      // Something may have come to name one of them since; nothing can while this goes on.
      const now = await naming.named(transaction)
      for (const one of due.slice(first, first + BLOBS_AT_ONCE))
        if (!now.has(one.name) && (await artifacts.discard(one.blob))) gone.push(one)
    })
  return { due: gone, waiting: sorted.waiting }
}

type Marks = ReadonlyMap<string, { readonly state: string; readonly marked_at: number }>

async function marksOf(database: Kysely<MetadataTables>, kind: Kind): Promise<Marks> {
  const rows = await database.selectFrom('artifact_marks').selectAll().where('kind', '=', kind).execute()
  return new Map(rows.map((row) => [row.name, row]))
}

interface Mark {
  readonly name: string
  readonly state: string
  readonly marked_at: number
}

/** Compares what was found with the marks of before: what goes, what waits, what is marked now and whose mark goes. */
function sort(
  before: Marks,
  found: readonly Found[],
  { grace }: CollectionOptions,
  now: number,
): Sorted & { readonly marks: readonly Mark[]; readonly gone: readonly string[] } {
  const due: Found[] = []
  const waiting: Found[] = []
  const marks: Mark[] = []
  for (const one of found) {
    const mark = before.get(one.name)
    const isSame = mark?.state === one.state
    if (isSame && now - mark.marked_at >= grace) {
      due.push(one)
      continue
    }
    waiting.push(one)
    // A clock that went back since gives a thing more time, never less.
    if (!isSame) marks.push({ name: one.name, state: one.state, marked_at: now })
  }
  const kept = new Set(waiting.map(({ name }) => name))
  return { due, waiting, marks, gone: [...before.keys()].filter((name) => !kept.has(name)) }
}

async function writeMarks(
  transaction: MetadataTransaction,
  kind: Kind,
  marks: readonly Mark[],
  gone: readonly string[],
): Promise<void> {
  for (const { name, ...row } of marks)
    await transaction
      .insertInto('artifact_marks')
      .values({ kind, name, ...row })
      .onConflict((conflict) => conflict.columns(['kind', 'name']).doUpdateSet(row))
      .execute()
  for (const name of gone)
    await transaction.deleteFrom('artifact_marks').where('kind', '=', kind).where('name', '=', name).execute()
}

async function record({ metadata, clock }: CollectionParts, { by }: CollectionOptions, due: readonly Found[]) {
  const { trees, blobs, bytes } = countOf(due)
  await metadata.database.transaction().execute((transaction) =>
    recordAct(transaction, {
      ...{ by, at: clock.now(), action: 'artifacts.collect', target: 'artifacts', after: { trees, blobs, bytes } },
    }),
  )
}

function countOf(found: readonly Found[]): CollectionCount {
  const trees = found.filter(({ kind }) => kind === 'tree')
  const blobs = found.filter(({ kind }) => kind === 'blob')
  return {
    trees: trees.length,
    blobs: blobs.length,
    // The bytes of a tree are those of its blobs.
    bytes: blobs.reduce((sum, { size }) => sum + size, 0),
    folders: trees.slice(0, 100).map(({ name }) => name),
  }
}

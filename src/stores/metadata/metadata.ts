import { DatabaseSync } from 'node:sqlite'
import { Kysely, type Transaction } from 'kysely'
import type { Clock } from '../../core/clock.ts'
import { sqliteError } from '../sqlite-error.ts'
import { migrate, requireNewest } from './migrate.ts'
import { firstTables } from './migrations/0001-first-tables.ts'
import { sources } from './migrations/0002-sources.ts'
import { quality } from './migrations/0003-quality.ts'
import { batches } from './migrations/0004-batches.ts'
import { decisions } from './migrations/0005-decisions.ts'
import { loadTests } from './migrations/0006-load-tests.ts'
import { registeredModelsAndAliases } from './migrations/0007-registered-models.ts'
import { artifactFiles } from './migrations/0008-artifact-files.ts'
import { experimentTables } from './migrations/0009-experiments.ts'
import { pipeline } from './migrations/0010-pipeline.ts'
import { lineageTables } from './migrations/0011-lineage.ts'
import { artifactMarks } from './migrations/0012-artifact-marks.ts'
import { signatures } from './migrations/0013-signatures.ts'
import { recordedRuns } from './migrations/0014-recorded-runs.ts'
import { retraining } from './migrations/0015-retraining.ts'
import { loggedTrees } from './migrations/0016-logged-trees.ts'
import { judgements } from './migrations/0017-judgements.ts'
import { runIndexes } from './migrations/0018-run-indexes.ts'
import { simulations } from './migrations/0019-simulations.ts'
import { recordedInputs } from './migrations/0020-recorded-inputs.ts'
import { sqliteDialect } from './sqlite-dialect.ts'
import type { MetadataTables } from './tables.ts'

const migrations = [
  firstTables,
  sources,
  quality,
  batches,
  decisions,
  loadTests,
  registeredModelsAndAliases,
  artifactFiles,
  experimentTables,
  pipeline,
  lineageTables,
  artifactMarks,
  signatures,
  recordedRuns,
  retraining,
  loggedTrees,
  judgements,
  runIndexes,
  simulations,
  recordedInputs,
]

// The 2 MiB of SQLite are too few for searches over a hundred thousand runs; they are taken up as they are needed.
const CACHE_KIBIBYTES = 32_768

// One process owns a data directory; a tool that looks into it may hold it for a moment.
const BUSY_MS = 5000

/** What the platform knows about itself: definitions, registry, audit log, alerts. */
export interface Metadata {
  /**
   * Typed SQL. There is one connection: inside `transaction().execute(…)` use the transaction alone, as a query on
   * the database itself would wait for the transaction to end, for ever.
   */
  readonly database: Kysely<MetadataTables>
  readonly clock: Clock
  close(): Promise<void>
}

/** A transaction of the metadata: what is done in it happens as a whole, on disk when it resolves, or not at all. */
export type MetadataTransaction = Transaction<MetadataTables>

/**
 * Opens the metadata in an SQLite file, created or brought to the newest version when needed. The caller owns the data
 * directory. Every commit is on disk before its promise resolves.
 * @throws TruelineError `directory_newer`, `directory_damaged`, `disk_full`
 */
export async function openMetadata(path: string, { clock }: { clock: Clock }): Promise<Metadata> {
  return metadataOver(open(path), path, clock, true)
}

/**
 * Opens the metadata of a data directory that may be in use, to read only.
 * @throws TruelineError `directory_newer`; `directory_damaged`, also of one that an older Trueline wrote last
 */
export async function readMetadata(path: string, { clock }: { clock: Clock }): Promise<Metadata> {
  let connection: DatabaseSync | undefined
  try {
    connection = new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS })
    connection.exec(`PRAGMA cache_size = -${CACHE_KIBIBYTES}`)
    requireNewest(connection, migrations, path)
  } catch (thrown) {
    connection?.close()
    throw sqliteError(thrown, path)
  }
  return metadataOver(connection, path, clock, false)
}

function metadataOver(connection: DatabaseSync, path: string, clock: Clock, writes: boolean): Metadata {
  const database = new Kysely<MetadataTables>({ dialect: sqliteDialect(connection, path, writes) })
  return {
    database,
    clock,
    async close() {
      await database.destroy()
      // Kysely leaves the connection alone when no query was ever made.
      if (connection.isOpen) connection.close()
    },
  }
}

function open(path: string): DatabaseSync {
  const connection = new DatabaseSync(path, { enableForeignKeyConstraints: true, timeout: BUSY_MS })
  try {
    connection.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    connection.exec(`PRAGMA cache_size = -${CACHE_KIBIBYTES}`)
    migrate(connection, migrations, path)
    return connection
  } catch (thrown) {
    connection.close()
    throw sqliteError(thrown, path)
  }
}

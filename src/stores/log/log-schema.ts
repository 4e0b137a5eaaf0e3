import { statSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { TruelineError } from '../../core/errors.ts'
import { appendOnly } from '../metadata/append-only.ts'

/** 'TlLg' in ASCII: marks a SQLite file as our log. */
const APPLICATION_ID = 0x546c4c67

/** Each step takes the schema from its index to the next version; steps are never changed, only added. */
const migrations: readonly string[] = [
  `
  CREATE TABLE state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO state VALUES ('generation', 0), ('known_at', -9007199254740991), ('flushed_offset', -1), ('reserved_blocks', 0);
  CREATE TABLE streams (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    received INTEGER NOT NULL DEFAULT 0,
    accepted INTEGER NOT NULL DEFAULT 0,
    duplicates INTEGER NOT NULL DEFAULT 0,
    rejected INTEGER NOT NULL DEFAULT 0,
    CHECK (received = accepted + duplicates + rejected)
  ) STRICT;
  CREATE TABLE events (
    "offset" INTEGER PRIMARY KEY,
    stream INTEGER NOT NULL,
    partition INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    tombstone INTEGER NOT NULL,
    key TEXT NOT NULL,
    event_time INTEGER NOT NULL,
    known_at INTEGER NOT NULL,
    appended_at INTEGER NOT NULL,
    "row" TEXT NOT NULL
  ) STRICT;
  CREATE TABLE prediction_blocks (
    number INTEGER PRIMARY KEY,
    model TEXT NOT NULL,
    version INTEGER NOT NULL,
    length INTEGER NOT NULL,
    first_t INTEGER NOT NULL,
    last_t INTEGER NOT NULL,
    first_served_at INTEGER NOT NULL,
    last_served_at INTEGER NOT NULL,
    data BLOB NOT NULL
  ) STRICT;
  CREATE INDEX prediction_blocks_by_t ON prediction_blocks (model, last_t, first_t);
  CREATE INDEX prediction_blocks_by_served_at ON prediction_blocks (model, last_served_at, first_served_at);
  CREATE TABLE dead_letters (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    stream INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    scope TEXT NOT NULL,
    code TEXT NOT NULL,
    reason TEXT NOT NULL,
    path TEXT,
    "row" TEXT NOT NULL,
    source TEXT
  ) STRICT;
  CREATE INDEX dead_letters_by_stream ON dead_letters (stream, scope, code);
  CREATE TABLE lake_files (
    path TEXT PRIMARY KEY,
    stream INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    first_offset INTEGER NOT NULL,
    last_offset INTEGER NOT NULL,
    "rows" INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    digest TEXT NOT NULL,
    first_event_time INTEGER NOT NULL,
    last_event_time INTEGER NOT NULL,
    first_known_at INTEGER NOT NULL,
    last_known_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE imports (
    stream INTEGER NOT NULL,
    source TEXT NOT NULL,
    path TEXT NOT NULL,
    generation INTEGER NOT NULL,
    imported_at INTEGER NOT NULL,
    "rows" INTEGER NOT NULL,
    PRIMARY KEY (stream, source)
  ) STRICT;
  `,
  `
  ALTER TABLE streams ADD COLUMN mended INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE dead_letters ADD COLUMN partial INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE dead_letters ADD COLUMN state TEXT NOT NULL DEFAULT 'open';
  ALTER TABLE dead_letters ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
  DROP INDEX dead_letters_by_stream;
  CREATE INDEX dead_letters_by_reason ON dead_letters (stream, code, state);
  CREATE INDEX dead_letters_by_state ON dead_letters (state, stream, code);
  CREATE INDEX dead_letters_newest_of_state ON dead_letters (state);
  CREATE INDEX dead_letters_newest_of_stream ON dead_letters (stream, state);
  CREATE TABLE dead_letter_history (
    entry INTEGER PRIMARY KEY,
    letter INTEGER NOT NULL REFERENCES dead_letters,
    at INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    state TEXT NOT NULL,
    "by" TEXT NOT NULL,
    how TEXT,
    code TEXT,
    reason TEXT,
    "row" TEXT
  ) STRICT;
  CREATE INDEX dead_letter_history_by_letter ON dead_letter_history (letter);
  ${appendOnly('dead_letter_history', ['entry'])}
  `,
  `
  CREATE TABLE consumers (
    name TEXT PRIMARY KEY,
    "offset" INTEGER NOT NULL,
    known_at INTEGER NOT NULL,
    received INTEGER NOT NULL,
    scored INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    passed INTEGER NOT NULL,
    fallbacks INTEGER NOT NULL,
    CHECK (received = scored + rejected + passed)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  ALTER TABLE prediction_blocks ADD COLUMN sequence INTEGER;
  ALTER TABLE prediction_blocks ADD COLUMN bytes INTEGER;
  CREATE INDEX prediction_blocks_in_order
    ON prediction_blocks (coalesce(sequence, number), length, bytes, first_served_at);
  CREATE TABLE prediction_files (
    path TEXT PRIMARY KEY,
    model TEXT NOT NULL,
    version INTEGER NOT NULL,
    layout TEXT NOT NULL,
    "rows" INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    digest TEXT NOT NULL,
    first_block INTEGER NOT NULL,
    last_block INTEGER NOT NULL,
    first_sequence INTEGER NOT NULL,
    last_sequence INTEGER NOT NULL,
    first_t INTEGER NOT NULL,
    last_t INTEGER NOT NULL,
    first_served_at INTEGER NOT NULL,
    last_served_at INTEGER NOT NULL,
    removed_at INTEGER,
    reason TEXT
  ) STRICT;
  CREATE INDEX prediction_files_by_model ON prediction_files (model, reason, "rows");
  INSERT INTO state VALUES ('moved_sequence', -1);
  `,
  `
  ALTER TABLE lake_files ADD COLUMN replaced_by TEXT;
  ALTER TABLE lake_files ADD COLUMN removed_at INTEGER;
  `,
]

/**
 * Brings the log's tables to this version, one transaction a step; `now` (microseconds) is recorded with each.
 * @throws TruelineError `directory_newer` when a newer version wrote them, `directory_damaged` when the file is not a log
 */
export function migrateLog(database: DatabaseSync, path: string, now: number): void {
  const version = readVersion(database, path)
  if (version > migrations.length)
    throw new TruelineError(
      'directory_newer',
      `${path} has format ${version}; this version reads ${migrations.length}.`,
      { path },
    )
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  for (const [step, sql] of migrations.entries()) {
    if (step < version) continue
    database.exec('BEGIN IMMEDIATE')
    if (step === 0)
      database.exec('CREATE TABLE migrations (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT')
    database.exec(sql)
    database.prepare('INSERT INTO migrations VALUES (?, ?)').run(step + 1, now)
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${step + 1}; COMMIT`)
  }
}

/** The format of a log, 0 of a new one; writes nothing. */
function readVersion(database: DatabaseSync, path: string): number {
  const read = (sql: string) => Object.values(database.prepare(sql).get() as Record<string, number>)[0]!
  try {
    const tables = read('SELECT count(*) FROM sqlite_schema')
    if (tables > 0 && read('PRAGMA application_id') !== APPLICATION_ID) throw new Error('It is not a log of Trueline.')
    // What is left of a file that was cut within its first page passes for an empty database.
    if (tables === 0 && read('PRAGMA page_count') === 0 && statSync(path).size > 0) throw new Error('It is cut short.')
    return read('PRAGMA user_version')
  } catch (cause) {
    throw new TruelineError('directory_damaged', `${path} cannot be read as a log.`, { path, cause })
  }
}

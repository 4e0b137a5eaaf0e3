import type { Migration } from '../migrate.ts'

/** What is remembered of sources: how they are, how far each part was read, their runs, and snapshots of their rows. */
export const sources: Migration = {
  name: '0002-sources',
  sql: `
  CREATE TABLE source_states (source TEXT NOT NULL PRIMARY KEY, state TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE source_positions (
    source TEXT NOT NULL,
    part TEXT NOT NULL,
    position TEXT NOT NULL,
    PRIMARY KEY (source, part)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE source_runs (
    number INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('schedule', 'asked', 'backfill')),
    status TEXT NOT NULL CHECK (status IN ('running', 'succeeded', 'partial', 'failed')),
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    turns INTEGER NOT NULL,
    received INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    duplicates INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    from_time INTEGER,
    to_time INTEGER,
    watermark TEXT,
    error TEXT,
    CHECK (received = accepted + duplicates + rejected)
  ) STRICT;
  CREATE INDEX source_runs_by_source ON source_runs (source, number);
  CREATE UNIQUE INDEX source_runs_one_at_a_time ON source_runs (source) WHERE status = 'running';
  CREATE TABLE source_rows (
    source TEXT NOT NULL,
    id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    digest TEXT NOT NULL,
    "row" TEXT NOT NULL,
    seen INTEGER NOT NULL,
    sent INTEGER NOT NULL,
    PRIMARY KEY (source, id)
  ) STRICT, WITHOUT ROWID;
  `,
}

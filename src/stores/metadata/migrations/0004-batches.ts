import type { Migration } from '../migrate.ts'

/** Runs that scored a population, each with its report. */
export const batches: Migration = {
  name: '0004-batches',
  sql: `
  CREATE TABLE batch_runs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    batch TEXT NOT NULL,
    model TEXT NOT NULL,
    version INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('schedule', 'asked', 'file')),
    status TEXT NOT NULL CHECK (status IN ('running', 'succeeded', 'held', 'failed', 'cancelled')),
    at INTEGER NOT NULL,
    log_offset INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    population TEXT NOT NULL,
    destination TEXT NOT NULL,
    by_name TEXT NOT NULL,
    by_asserted INTEGER NOT NULL,
    report TEXT,
    error TEXT
  ) STRICT;
  CREATE INDEX batch_runs_by_batch ON batch_runs (batch, number);
  CREATE UNIQUE INDEX batch_runs_one_at_a_time ON batch_runs (batch) WHERE status = 'running' AND kind <> 'file';
  `,
}

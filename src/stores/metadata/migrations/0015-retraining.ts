import { appendOnly } from '../append-only.ts'
import type { Migration } from '../migrate.ts'

/** What leads to trainings on their own: what is remembered, each decision, and what came of it. */
export const retraining: Migration = {
  name: '0015-retraining',
  sql: `
  CREATE TABLE retraining_states (
    model TEXT NOT NULL PRIMARY KEY,
    memory TEXT NOT NULL,
    canary TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE retraining_decisions (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    model TEXT NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('run', 'wait')),
    trigger TEXT NOT NULL,
    window TEXT NOT NULL,
    why TEXT,
    sentence TEXT NOT NULL,
    key TEXT CHECK ((key IS NULL) = (kind = 'wait')),
    labels INTEGER NOT NULL,
    by_name TEXT NOT NULL,
    by_asserted INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX retraining_decisions_by_model ON retraining_decisions (model, number);
  CREATE UNIQUE INDEX retraining_runs_once ON retraining_decisions (model, key) WHERE key IS NOT NULL;
  CREATE TABLE retraining_outcomes (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    decision INTEGER NOT NULL REFERENCES retraining_decisions,
    at INTEGER NOT NULL,
    outcome TEXT NOT NULL
      CHECK (outcome IN ('failed', 'unchanged', 'refused', 'asks', 'promoted', 'reverted', 'kept')),
    version INTEGER,
    run TEXT,
    sentence TEXT NOT NULL
  ) STRICT;
  CREATE INDEX retraining_outcomes_by_decision ON retraining_outcomes (decision, number);
  ${appendOnly('retraining_decisions', ['number'], ['model', 'key'])}
  ${appendOnly('retraining_outcomes', ['number'])}`,
}

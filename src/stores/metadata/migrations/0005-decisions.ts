import type { Migration } from '../migrate.ts'

/** What people decided in the place of a model: for all rows with a key, and for predictions after the fact. */
export const decisions: Migration = {
  name: '0005-decisions',
  sql: `
  CREATE TABLE hand_rules (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    model TEXT NOT NULL,
    key TEXT NOT NULL,
    decision TEXT NOT NULL,
    reason TEXT NOT NULL,
    by_name TEXT NOT NULL,
    by_asserted INTEGER NOT NULL,
    at INTEGER NOT NULL,
    until INTEGER,
    revoked_at INTEGER,
    revoked_by_name TEXT,
    revoked_by_asserted INTEGER,
    revoked_reason TEXT
  ) STRICT;
  CREATE INDEX hand_rules_in_force ON hand_rules (model, number) WHERE revoked_at IS NULL;
  CREATE TABLE prediction_overrides (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    prediction TEXT NOT NULL,
    model TEXT NOT NULL,
    decision TEXT NOT NULL,
    reason TEXT NOT NULL,
    by_name TEXT NOT NULL,
    by_asserted INTEGER NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX prediction_overrides_by_prediction ON prediction_overrides (prediction, number);
  `,
}

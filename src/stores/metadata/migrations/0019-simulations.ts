import { appendOnly } from '../append-only.ts'
import type { Migration } from '../migrate.ts'

/** What policies of retraining would have cost and brought over history, one row for each comparison. */
export const simulations: Migration = {
  name: '0019-simulations',
  sql: `
  CREATE TABLE simulations (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    model TEXT NOT NULL,
    by_name TEXT NOT NULL,
    by_asserted INTEGER NOT NULL,
    at INTEGER NOT NULL,
    content TEXT NOT NULL
  ) STRICT;
  CREATE INDEX simulations_by_model ON simulations (model, number);
  ${appendOnly('simulations', ['number'])}`,
}

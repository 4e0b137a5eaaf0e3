import type { Migration } from '../migrate.ts'

/** What load tests measured, and how many answers of each minute kept a model's objectives. */
export const loadTests: Migration = {
  name: '0006-load-tests',
  sql: `
  CREATE TABLE load_tests (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    model TEXT NOT NULL,
    version INTEGER NOT NULL,
    digest TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('pass', 'fail', 'insufficient')),
    by_name TEXT NOT NULL,
    by_asserted INTEGER NOT NULL,
    at INTEGER NOT NULL,
    content TEXT NOT NULL
  ) STRICT;
  CREATE INDEX load_tests_by_model ON load_tests (model, number);
  CREATE TABLE objective_hours (
    model TEXT NOT NULL,
    start INTEGER NOT NULL,
    minutes TEXT NOT NULL,
    PRIMARY KEY (model, start)
  ) STRICT, WITHOUT ROWID;
  `,
}

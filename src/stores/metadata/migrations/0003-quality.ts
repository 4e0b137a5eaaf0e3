import type { Migration } from '../migrate.ts'

/** What became of batches at their gates, and what the columns of each subject held last. */
export const quality: Migration = {
  name: '0003-quality',
  sql: `
  CREATE TABLE quality_verdicts (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    scope TEXT NOT NULL,
    subject TEXT NOT NULL,
    batch TEXT NOT NULL,
    at INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('pass', 'warn', 'fail', 'insufficient')),
    results TEXT NOT NULL
  ) STRICT;
  CREATE INDEX quality_verdicts_by_subject ON quality_verdicts (subject, number);
  CREATE TABLE quality_profiles (
    subject TEXT NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    columns TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
}

import type { Migration } from '../migrate.ts'

/** What a collection of artifacts found that nothing names: it goes when it is found so again, a grace time later. */
export const artifactMarks: Migration = {
  name: '0012-artifact-marks',
  sql: `
  CREATE TABLE artifact_marks (
    kind TEXT NOT NULL CHECK (kind IN ('tree', 'blob')),
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    marked_at INTEGER NOT NULL,
    PRIMARY KEY (kind, name)
  ) STRICT, WITHOUT ROWID;
  `,
}

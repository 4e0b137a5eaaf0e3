import type { Migration } from '../migrate.ts'

/** Trees of artifacts: what each path stands for. */
export const artifactFiles: Migration = {
  name: '0008-artifact-files',
  sql: `
  CREATE TABLE artifact_files (
    path TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    size INTEGER NOT NULL,
    at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX artifact_files_by_digest ON artifact_files (digest);
  `,
}

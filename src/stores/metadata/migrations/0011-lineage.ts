import type { Migration } from '../migrate.ts'

/**
 * What was made from what: an index over records that never change, which can be made again from them. Runs of sources
 * remember which offsets of the log their events may have.
 */
export const lineageTables: Migration = {
  name: '0011-lineage',
  sql: `
  CREATE TABLE lineage_nodes (
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    facts TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX lineage_nodes_by_name ON lineage_nodes (kind, name);
  CREATE TABLE lineage_edges (
    source INTEGER NOT NULL,
    target INTEGER NOT NULL,
    PRIMARY KEY (source, target)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX lineage_edges_by_target ON lineage_edges (target, source);
  CREATE TABLE lineage_offsets (
    stream TEXT NOT NULL,
    first_offset INTEGER NOT NULL,
    node INTEGER NOT NULL,
    last_offset INTEGER NOT NULL,
    PRIMARY KEY (stream, first_offset, node)
  ) STRICT, WITHOUT ROWID;
  ALTER TABLE source_runs ADD COLUMN first_offset INTEGER;
  ALTER TABLE source_runs ADD COLUMN last_offset INTEGER;
  CREATE INDEX model_versions_by_run ON model_versions (run);
  `,
}

import type { Migration } from '../migrate.ts'

/**
 * Runs in the order in which they ended, with what breaks ties, so that a page of them is read and nothing is sorted; and
 * by status, as those that failed are few.
 */
export const runIndexes: Migration = {
  name: '0018-run-indexes',
  sql: `
  CREATE INDEX experiment_runs_by_end ON experiment_runs (experiment, lifecycle, ended_ms DESC, started_ms DESC, id);
  CREATE INDEX experiment_runs_by_status ON experiment_runs (status);
  `,
}

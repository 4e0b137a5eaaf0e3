import type { Migration } from '../migrate.ts'

const recorded = `SELECT 1 FROM experiment_runs
  WHERE number = NEW.run AND status <> 'RUNNING' AND (training IS NOT NULL OR trial_of IS NOT NULL)`

/** No write to a table of what runs say, once the run is that of a training, or of a trial of one, that has ended. */
function standsFor(table: string, event: 'INSERT' | 'UPDATE'): string {
  return `
  CREATE TRIGGER ${table}_recorded_${event.toLowerCase()} BEFORE ${event} ON ${table} WHEN EXISTS (${recorded})
    BEGIN SELECT RAISE(ABORT, '${table}: what a training recorded may not be changed'); END;`
}

/** Trials of a training are known as such, and what trainings and their trials recorded stands also in the database. */
export const recordedRuns: Migration = {
  name: '0014-recorded-runs',
  sql: `
  ALTER TABLE experiment_runs ADD COLUMN trial_of INTEGER REFERENCES runs;
  CREATE INDEX experiment_runs_by_name ON experiment_runs (experiment, lifecycle, name);
  CREATE TRIGGER experiment_runs_recorded BEFORE UPDATE ON experiment_runs
    WHEN OLD.status <> 'RUNNING' AND (OLD.training IS NOT NULL OR OLD.trial_of IS NOT NULL)
      AND (NEW.id, NEW.experiment, NEW.status, NEW.user, NEW.started_ms, NEW.ended_ms, NEW.training, NEW.trial_of)
        IS NOT (OLD.id, OLD.experiment, OLD.status, OLD.user, OLD.started_ms, OLD.ended_ms, OLD.training, OLD.trial_of)
    BEGIN SELECT RAISE(ABORT, 'experiment_runs: what a training recorded may not be changed'); END;
  CREATE TRIGGER experiment_runs_never_deleted BEFORE DELETE ON experiment_runs
    BEGIN SELECT RAISE(ABORT, 'experiment_runs: a run is marked as deleted, and stays'); END;
  ${standsFor('run_params', 'INSERT')}
  ${standsFor('run_metrics', 'INSERT')}
  ${standsFor('run_latest_metrics', 'INSERT')}
  ${standsFor('run_latest_metrics', 'UPDATE')}
  `,
}

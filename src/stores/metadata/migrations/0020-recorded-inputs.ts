import { appendOnly } from '../append-only.ts'
import type { Migration } from '../migrate.ts'

/** A run of a training, or of a trial of one, that has ended. */
const recorded = (run: string): string => `SELECT 1 FROM experiment_runs
  WHERE number = ${run} AND status <> 'RUNNING' AND (training IS NOT NULL OR trial_of IS NOT NULL)`

/** No row more in a table of what runs read or made, once the run is recorded. */
const standsFor = (table: string): string => `
  CREATE TRIGGER ${table}_recorded_insert BEFORE INSERT ON ${table} WHEN EXISTS (${recorded('NEW.run')})
    BEGIN SELECT RAISE(ABORT, '${table}: what a training recorded may not be changed'); END;`

/** The platform's own tags of a recorded run are neither set, changed nor taken away. */
const ownTags = (['INSERT', 'UPDATE', 'DELETE'] as const)
  .map((event) => {
    const rows = event === 'INSERT' ? ['NEW'] : event === 'DELETE' ? ['OLD'] : ['OLD', 'NEW']
    const own = rows.map((row) => `(substr(${row}.key, 1, 9) = 'trueline.' AND EXISTS (${recorded(`${row}.run`)}))`)
    return `
  CREATE TRIGGER run_tags_recorded_${event.toLowerCase()} BEFORE ${event} ON run_tags WHEN ${own.join(' OR ')}
    BEGIN SELECT RAISE(ABORT, 'run_tags: what a training recorded may not be changed'); END;`
  })
  .join('')

/** What runs read and made stands also in the database, and so do the platform's own tags of its trainings. */
export const recordedInputs: Migration = {
  name: '0020-recorded-inputs',
  sql: `
  ${appendOnly('input_datasets', ['number'], ['experiment', 'name', 'digest'])}
  ${appendOnly('run_datasets', ['run', 'dataset'])}
  ${appendOnly('run_models', ['run', 'direction', 'model', 'step'])}
  ${standsFor('run_datasets')}
  ${standsFor('run_models')}
  ${ownTags}`,
}

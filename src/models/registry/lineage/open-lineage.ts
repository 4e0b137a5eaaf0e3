import { packageVersion } from '../../../core/package-version.ts'
import { uuidOf } from '../../../core/uuid.ts'

/** A job or a dataset as OpenLineage names it. */
export interface OpenLineageName {
  readonly namespace: string
  readonly name: string
}

/** How a job or a dataset of others is called in the lineage. */
export function externalName({ namespace, name }: OpenLineageName): string {
  return `${namespace} ${name}`
}

/** A dataset with what is said of it. */
export interface OpenLineageDataset extends OpenLineageName {
  readonly facets?: Readonly<Record<string, unknown>>
}

/** An event of a run, as OpenLineage has it. */
export interface OpenLineageEvent {
  readonly eventType: 'START' | 'COMPLETE' | 'FAIL' | 'ABORT'
  readonly eventTime: string
  readonly producer: string
  readonly schemaURL: string
  readonly run: { readonly runId: string; readonly facets: Readonly<Record<string, unknown>> }
  readonly job: OpenLineageName & { readonly facets: Readonly<Record<string, unknown>> }
  readonly inputs: readonly OpenLineageDataset[]
  readonly outputs: readonly OpenLineageDataset[]
}

/** The namespace of our jobs, streams and models. */
export const OPEN_LINEAGE_NAMESPACE = 'trueline'

const PRODUCER = `https://www.npmjs.com/package/trueline/v/${packageVersion}`
const SCHEMA = 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent'

/** What is known of a run of ours. Times are microseconds. */
export interface ToldRun {
  /** Unique among all runs, such as `run-12`. */
  readonly id: string
  readonly job: string
  readonly jobType: 'SOURCE' | 'TRAINING' | 'IMPORT' | 'BATCH'
  readonly startedAt: number
  /** Absent while it is under way. */
  readonly ended?: { readonly at: number; readonly as: 'COMPLETE' | 'FAIL' | 'ABORT'; readonly error?: string }
  readonly inputs: readonly OpenLineageDataset[]
  readonly outputs: readonly OpenLineageDataset[]
}

/**
 * The events of a run: that it began, and how it ended if it has.
 * @param directory tells runs of one installation from those of another
 * @see https://openlineage.io/spec/2-0-2/OpenLineage.json
 */
export function openLineageEvents(run: ToldRun, directory: string): OpenLineageEvent[] {
  const { id, job, jobType, startedAt, ended, inputs, outputs } = run
  const event = (eventType: OpenLineageEvent['eventType'], at: number, error?: string): OpenLineageEvent => ({
    eventType,
    eventTime: new Date(at / 1000).toISOString(),
    producer: PRODUCER,
    schemaURL: SCHEMA,
    run: {
      runId: uuidOf(`${directory} ${id}`),
      facets:
        error === undefined
          ? {}
          : {
              errorMessage: facetOf('1-0-1/ErrorMessageRunFacet', {
                message: error,
                programmingLanguage: 'TypeScript',
              }),
            },
    },
    job: {
      namespace: OPEN_LINEAGE_NAMESPACE,
      name: job,
      facets: {
        jobType: facetOf('2-0-3/JobTypeJobFacet', { processingType: 'BATCH', integration: 'TRUELINE', jobType }),
      },
    },
    inputs,
    outputs,
  })
  const begun = event('START', startedAt)
  return ended === undefined ? [begun] : [begun, event(ended.as, ended.at, ended.error)]
}

/** A dataset of ours at a version of it. */
export function ownDataset(name: string, version?: string): OpenLineageDataset {
  const facets =
    version === undefined ? {} : { version: facetOf('1-0-1/DatasetVersionDatasetFacet', { datasetVersion: version }) }
  return { namespace: OPEN_LINEAGE_NAMESPACE, name, facets }
}

function facetOf(schema: string, content: object): object {
  return { _producer: PRODUCER, _schemaURL: `https://openlineage.io/spec/facets/${schema}.json`, ...content }
}

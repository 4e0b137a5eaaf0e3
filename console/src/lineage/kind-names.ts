/** What each kind of thing is called: one, and several. */
export const kindNames: Readonly<Record<string, readonly [one: string, several: string]>> = {
  source: ['source', 'sources'],
  source_run: ['run of a source', 'runs of sources'],
  stream: ['stream', 'streams'],
  file: ['file of events', 'files of events'],
  features: ['feature definition', 'feature definitions'],
  dataset: ['dataset', 'datasets'],
  run: ['training run', 'training runs'],
  version: ['model version', 'model versions'],
  batch: ['batch run', 'batch runs'],
  prediction: ['prediction', 'predictions'],
  external_job: ['job elsewhere', 'jobs elsewhere'],
  external_dataset: ['dataset elsewhere', 'datasets elsewhere'],
}

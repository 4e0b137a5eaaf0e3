import type { LineageThing } from '../../../src/platform/api/contract.ts'

/** What each kind of thing is called: one, and several. */
const kindNames: Readonly<Record<string, readonly [one: string, several: string]>> = {
  source: ['source', 'sources'],
  source_run: ['run of a source', 'runs of sources'],
  stream: ['stream', 'streams'],
  file: ['file of events', 'files of events'],
  features: ['feature definition', 'feature definitions'],
  dataset: ['dataset', 'datasets'],
  run: ['training run', 'training runs'],
  logged_run: ['run elsewhere', 'runs elsewhere'],
  logged_model: ['logged model', 'logged models'],
  version: ['model version', 'model versions'],
  batch: ['batch run', 'batch runs'],
  prediction: ['prediction', 'predictions'],
  external_job: ['job elsewhere', 'jobs elsewhere'],
  external_dataset: ['dataset elsewhere', 'datasets elsewhere'],
}

/** A run that trained nothing, but judged a model from elsewhere. */
const imports = ['import, judged here', 'imports, judged here'] as const

/** What a thing is called by its kind. */
export function kindName(thing: Pick<LineageThing, 'kind' | 'facts'>, isOne = true): string {
  const names = thing.kind === 'run' && thing.facts['imported'] !== undefined ? imports : kindNames[thing.kind]
  return names?.[isOne ? 0 : 1] ?? thing.kind
}

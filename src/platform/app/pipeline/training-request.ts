import type { Variant } from '../../../data/features/vector.ts'
import type { Identity } from '../../../governance/identity.ts'
import type { ProjectDefinition } from '../../../language/define/definitions.ts'
import { digestOfModel } from '../../../language/define/digest.ts'
import type { Artifacts } from '../../../stores/artifacts/artifacts.ts'
import type { ImportRequest } from '../importing.ts'
import type { TrainingSnapshot } from './training-snapshot.ts'

/** What is asked for. */
export interface TrainRequest {
  readonly model: string
  readonly author: Identity
  readonly variant: Variant
  /** Trains on what was known then, microseconds; now unless given. */
  readonly at?: number | undefined
  /** A model that is judged in place of one that is trained. */
  readonly imported?: ImportRequest | undefined
  /** Whether outputs of steps that other runs kept are taken; true unless given. */
  readonly cache?: boolean | undefined
  /** A version that is judged again: all else is as it was when that was made. */
  readonly judges?: number | undefined
  readonly onProgress?: ((sentence: string, done: number) => void) | undefined
}

/** A version that a run judges again: by its digest, on the rows that it was judged on. */
export interface JudgedVersion {
  readonly version: number
  readonly digest: string
  readonly snapshot: TrainingSnapshot
}

/** A request as plain JSON, by which a run goes on after a crash. */
export interface KeptRequest {
  readonly model: string
  readonly author: Identity
  readonly variant: Variant
  readonly at?: number
  /** The file lies among the artifacts under its digest. */
  readonly imported?: Omit<ImportRequest, 'content'>
  readonly cache: boolean
  /** Of the model's definition: a run is about this one alone. */
  readonly definition: string
  /** The version that it judges again, and registers nothing. */
  readonly judges?: JudgedVersion
  /** Whether the full model is trained after this baseline of it, and on which file it is judged. */
  readonly fullAfter?: { readonly imported?: Omit<ImportRequest, 'content'> }
}

/** Makes a request one that outlives the process. */
export async function keepRequest(
  artifacts: Artifacts,
  project: ProjectDefinition,
  { model, author, variant, at, imported, cache = true }: TrainRequest,
  full?: Pick<TrainRequest, 'imported'>,
): Promise<KeptRequest> {
  return {
    ...{ model, author, variant, cache },
    definition: digestOfModel(project.models[model]!, project),
    ...(at === undefined ? {} : { at }),
    ...(imported === undefined ? {} : { imported: await keepImport(artifacts, imported) }),
    ...(full === undefined
      ? {}
      : { fullAfter: full.imported === undefined ? {} : { imported: await keepImport(artifacts, full.imported) } }),
  }
}

/** The request for the full model that a baseline brings along; undefined of any other request. */
export function requestAfter(
  { fullAfter, imported: _, ...request }: KeptRequest,
  project: ProjectDefinition,
): KeptRequest | undefined {
  if (fullAfter === undefined) return undefined
  const definition = digestOfModel(project.models[request.model]!, project)
  return { ...request, ...fullAfter, variant: 'full', definition }
}

async function keepImport(
  artifacts: Artifacts,
  { content, ...kept }: ImportRequest,
): Promise<Omit<ImportRequest, 'content'>> {
  await artifacts.put(content)
  return kept
}

/**
 * The file of a request that was kept.
 * @throws TruelineError `artifact_missing`, `artifact_corrupt`
 */
export async function readImportOf(
  artifacts: Artifacts,
  kept: Omit<ImportRequest, 'content'> | undefined,
): Promise<ImportRequest | undefined> {
  return kept === undefined ? undefined : { ...kept, content: await artifacts.get(kept.digest) }
}

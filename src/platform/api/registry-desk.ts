import type { ActPage, ActQuery, ActsVerified } from './act-answers.ts'
import type { Actor } from './actor.ts'
import type { ArtifactCheck, CollectionAnswer } from './artifact-answers.ts'
import type {
  AliasAnswer,
  AliasPage,
  ListedVersionPage,
  RegisteredModelPage,
  ServedAnswer,
  VersionAnswer,
} from './registry-answers.ts'

/** Which registered models: a filter of the tracking protocol, page by page. */
export interface RegistryQuery {
  readonly filter?: string | undefined
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
}

/** Which changes of an alias. */
export interface HistoryQuery {
  /** `champion` unless given. */
  readonly alias?: string | undefined
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
}

/** A move of an alias. */
export interface AliasMove {
  readonly alias: string
  /** Null takes it away. */
  readonly version: number | null
  /** The version that it was seen at, null when nowhere. */
  readonly expected?: number | null | undefined
  readonly reason?: string | undefined
}

/** How a collection of artifacts is to be made. */
export interface CollectionQuery {
  /** Whether anything is done; otherwise it is only told. */
  readonly apply?: boolean | undefined
  /** How long a thing must have belonged to nothing, microseconds; 7 days unless given, an hour at least. */
  readonly grace?: number | undefined
}

/** What is asked of the registry. */
export interface RegistryDesk {
  models(query: RegistryQuery): Promise<RegisteredModelPage>
  /** Versions of a registered model, newest first, those that were logged among them. */
  versions(model: string, page: Omit<RegistryQuery, 'filter'>): Promise<ListedVersionPage>
  version(model: string, version: number): Promise<VersionAnswer>
  /** What served at a time, microseconds; now unless given. */
  served(model: string, at?: number): Promise<ServedAnswer>
  /** Changes of an alias, newest first. */
  history(model: string, query: HistoryQuery): Promise<AliasPage>
  aliases(model: string): Promise<readonly AliasAnswer[]>
  moveAlias(model: string, move: AliasMove, actor: Actor): Promise<AliasAnswer>
  checkArtifacts(): Promise<ArtifactCheck>
  collectArtifacts(query: CollectionQuery, actor: Actor): Promise<CollectionAnswer>
  /** The audit log, newest first. */
  acts(query: ActQuery): Promise<ActPage>
  /** Whether the audit log is what was written. */
  verifyActs(known?: { readonly sequence: number; readonly digest: string }): Promise<ActsVerified>
}

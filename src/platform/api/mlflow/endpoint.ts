import type { Identity } from '../../../governance/identity.ts'
import type { Artifacts } from '../../../stores/artifacts/artifacts.ts'
import type { Metadata } from '../../../stores/metadata/metadata.ts'
import type { Fields } from './fields.ts'

/** What the protocol's calls are answered from. */
export interface TrackingHost {
  readonly metadata: Metadata
  readonly artifacts: Artifacts
  /**
   * Does work that the end of the platform waits for.
   * @throws TruelineError `platform_stopped`
   */
  run<Result>(work: () => Promise<Result>): Promise<Result>
  /** Answers a search with the bytes of its JSON, while others are answered; where there is none, it is answered in turn. */
  readonly read?: (call: ReadingCall) => Promise<Uint8Array>
}

/** A search as plain data, which another thread can be asked. */
export interface ReadingCall extends Pick<Endpoint, 'method' | 'path'>, Pick<Call, 'fields' | 'inQuery'> {}

/** One call of the protocol. */
export interface Call {
  readonly host: TrackingHost
  /** Of the body, or of the query of a GET. */
  readonly fields: Fields
  /** Names in the path. */
  readonly params: Readonly<Record<string, string>>
  /** Whether the fields come from a query. */
  readonly inQuery: boolean
  /** Who calls says so by the user name of basic authentication; undefined of a call that does not. */
  readonly caller: Identity | undefined
}

/** A call that can be made: its path below the protocol's prefix, and what answers it with the body. */
export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly path: string
  run(call: Call): Promise<object>
}

/** A call that changes nothing, may take long, and is answered from the metadata alone. */
export interface SearchEndpoint extends Pick<Endpoint, 'method' | 'path'> {
  readonly reads: true
  run(call: Pick<Call, 'fields' | 'inQuery'> & { readonly host: Pick<TrackingHost, 'metadata'> }): Promise<object>
}

import type { LoadSettings, LoadStep, LoadTest } from '../../operate/readiness/load-test.ts'

/** A load test as it is kept. */
export type LoadTestAnswer = LoadTest

/** What a load test needs: rows that ask, the token that marks its requests, what serves, and what it is held against. */
export interface LoadTestStart {
  readonly model: string
  readonly version: number
  readonly digest: string
  /** Counts until the test ends, or nothing came of it for two minutes. */
  readonly token: string
  readonly slo?: NonNullable<LoadTest['slo']>
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

/** What somebody measured. */
export interface LoadTestEnd {
  /** Digest of what served at the beginning. */
  readonly digest: string
  readonly token: string
  readonly settings: LoadSettings
  readonly steps: readonly LoadStep[]
}

/** What the process that serves has used up: two of them tell what was used between. */
export interface ServerLoad {
  /** Microseconds of its own clock, and of processor time of all its threads. */
  readonly elapsed: number
  readonly cpu: number
  /** Microseconds that its event loop worked, and that it waited for something to do. */
  readonly active: number
  readonly idle: number
  /** Longest time that the event loop was held up since this was last asked for, milliseconds. */
  readonly stall: number
  /** Requests that wait now. */
  readonly waiting: number
  /** Resident memory, bytes. */
  readonly memory: number
}

/** How many replicas a load takes. */
export interface CapacityAnswer {
  readonly model: string
  readonly version: number
  /** Requests a second that are to be answered, and the share of each replica that stays free. */
  readonly target: number
  readonly headroom: number
  /** Replicas that may be away while the others answer all of it: they are among `replicas` and `low`. */
  readonly spare: number
  /** Replicas as many as are surely enough; fewer than `low` are surely not, where that is known. */
  readonly replicas: number
  readonly low?: number
  /** Requests a second that one replica sustains by the evidence, and at which it was seen to break. */
  readonly sustained: number
  readonly broken?: number
  /** Microseconds of processor time of a request, where they were measured. */
  readonly cpuPerRequest?: number
  /** Cores that one replica uses where the headroom begins, where they were measured. */
  readonly cpuAtHeadroom?: number
  /** What a container may ask for. */
  readonly resources?: { readonly requests: { cpu: string; memory: string }; readonly limits: { memory: string } }
  /** The load test that it comes from. */
  readonly evidence: Pick<LoadTest, 'number' | 'at' | 'by' | 'host' | 'program' | 'settings'>
  readonly assumes: readonly string[]
}

/** What is to be left over, and of which version. */
export interface CapacityQuestion {
  /** Share of each replica that stays free, 0 to 1. */
  readonly headroom: number
  /** Replicas of which any may be away. */
  readonly spare: number
  /** The one that serves unless given. */
  readonly version?: number | undefined
}

import type { Scaling } from './scaling.ts'

/** What all files of a container's build context and of its deployments agree on. */
export interface ContainerSettings {
  readonly model: string
  /** Name in Kubernetes and compose: lower case, with hyphens. */
  readonly name: string
  readonly version: number
  /** Of the model. */
  readonly digest: string
  /** Reference of the image, such as `registry.example/late-flight:v3`. */
  readonly image: string
  /** Reference of the base image by digest; absent: who builds names it. */
  readonly base?: string | undefined
  /** The processor that the packages inside are for. */
  readonly architecture: 'x64' | 'arm64'
  readonly scaling: Scaling
  /** Streams whose events have to be sent to each replica. */
  readonly sent: readonly string[]
  /** The version of this program. */
  readonly program: string
}

/** HTTP, and gRPC. */
export const PORTS = { http: 7700, grpc: 7701 } as const

/** Neither root nor any user of a usual system. */
export const USER = 65_532

/** The only folder that is written to. */
export const DATA = '/data'

/** Seconds from the decision to end a pod to the word to stop, in which whoever routes requests turns to others. */
export const SECONDS_TO_BE_LEFT = 5

/** Seconds between the word to stop and the end: answers under way, the log, and the state. */
export const SECONDS_TO_STOP = 60

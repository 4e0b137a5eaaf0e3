import type { ModelDefinition } from '../../language/define/definitions.ts'

/** Latencies in milliseconds; the largest exactly, quantiles by nearest rank. */
export interface Latencies {
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

/** How a load was made, so that it can be made again. */
export interface LoadSettings {
  /** Seconds that were measured, and before them seconds that were not. */
  readonly seconds: number
  readonly warmup: number
  readonly rowsPerRequest: number
  readonly connections: number
  /** Intervals between requests: as of independent callers, or all the same. */
  readonly arrivals: 'poisson' | 'constant'
  readonly seed: number
  /** Where rows came from: the model's stream, or a file. */
  readonly rows: 'stream' | 'file'
}

/** What the client saw of one rate. */
export interface ClientFigures {
  /** Requests a second that were asked for. */
  readonly rate: number
  /** Requests that were due in the seconds measured. */
  readonly requests: number
  /** Of those, answered with predictions of all their rows. */
  readonly answered: number
  /** How requests ended, by `ok`, an HTTP status with its code, or what happened to the connection. */
  readonly codes: Readonly<Record<string, number>>
  /** From when a request was due to its answer, and from its sending; requests without an answer count as long as was waited. */
  readonly response: Latencies
  readonly service: Latencies
  /** 95% interval of the 99th percentile of the response times; an end is absent where too few bound it. */
  readonly p99: { readonly low?: number; readonly high?: number }
  /** How late the client itself came to its requests. */
  readonly lag: { readonly p99: number; readonly max: number }
}

/** What the server used meanwhile. */
export interface ServerFigures {
  /** Processor time of all its threads as a share of one core, and of one request in microseconds. */
  readonly cpu: number
  readonly cpuPerRequest: number
  /** Share of the time that its event loop worked. */
  readonly utilization: number
  /** Longest time that its event loop was held up, milliseconds. */
  readonly stall: number
  /** Most requests that were seen to wait. */
  readonly waiting: number
  /** Resident memory, megabytes. */
  readonly memory: number
}

/** What was measured at one rate. */
export interface LoadStep {
  readonly client: ClientFigures
  readonly server?: ServerFigures
}

export type LoadVerdict = 'pass' | 'fail' | 'insufficient'

export interface LoadJudgement {
  readonly verdict: LoadVerdict
  /** One sentence each. */
  readonly reasons: readonly string[]
}

/** The highest rate that was sustained, and the lowest that was not; requests a second. */
export interface Knee {
  readonly sustained?: number
  readonly broken?: number
}

export interface LoadTest extends LoadJudgement {
  readonly number: number
  readonly model: string
  readonly version: number
  readonly digest: string
  /** Microseconds. */
  readonly at: number
  readonly by: string
  /** Version of the program, and the machine that served. */
  readonly program: string
  readonly host: { readonly cpus: number; readonly node: string; readonly platform: string }
  readonly settings: LoadSettings
  readonly slo?: NonNullable<ModelDefinition['serve']['slo']>
  readonly steps: readonly (LoadStep & LoadJudgement)[]
  readonly knee: Knee
}

/** How often something was done, and the nanoseconds that it took in all. */
export interface Duration {
  readonly count: number
  readonly ns: number
}

/** Durations of one inference, microseconds. */
export interface InferenceTimes {
  readonly input: number
  readonly infer: number
  readonly output: number
}

/** What was asked of a version of a model by the inference protocol since the start, in the terms of Triton's extension. */
export interface ModelStatistics {
  readonly name: string
  readonly version: string
  /** Milliseconds since the epoch; 0 before the first. */
  readonly last_inference: number
  /** Rows. */
  readonly inference_count: number
  /** Runs of the model. */
  readonly execution_count: number
  readonly inference_stats: {
    readonly success: Duration
    readonly fail: Duration
    readonly queue: Duration
    readonly compute_input: Duration
    readonly compute_infer: Duration
    readonly compute_output: Duration
    readonly cache_hit: Duration
    readonly cache_miss: Duration
  }
  readonly batch_stats: readonly {
    readonly batch_size: number
    readonly compute_input: Duration
    readonly compute_infer: Duration
    readonly compute_output: Duration
  }[]
}

const NONE: Duration = { count: 0, ns: 0 }
/** Larger batches are counted with those of the next power of two, so that the statistics stay small. */
const MOST_EXACT_SIZE = 64

interface Total {
  count: number
  us: number
}

interface Batch {
  readonly input: Total
  readonly infer: Total
  readonly output: Total
}

/** Counts inferences of one version of a model. */
export class StatisticsCounter {
  readonly #name: string
  readonly #version: string
  readonly #success = nothing()
  readonly #fail = nothing()
  readonly #all: Batch = emptyBatch()
  readonly #batches = new Map<number, Batch>()
  #rows = 0
  #last = 0

  constructor(name: string, version: string) {
    this.#name = name
    this.#version = version
  }

  /** @param at microseconds since the epoch */
  succeeded(rows: number, times: InferenceTimes, at: number): void {
    const size = rows <= MOST_EXACT_SIZE ? rows : 2 ** Math.ceil(Math.log2(rows))
    let batch = this.#batches.get(size)
    if (batch === undefined) {
      batch = emptyBatch()
      this.#batches.set(size, batch)
    }
    for (const part of ['input', 'infer', 'output'] as const) {
      add(this.#all[part], times[part])
      add(batch[part], times[part])
    }
    add(this.#success, times.input + times.infer + times.output)
    this.#rows += rows
    this.#last = Math.max(this.#last, Math.floor(at / 1000))
  }

  /** @param time that it took to fail, microseconds */
  failed(time: number): void {
    add(this.#fail, time)
  }

  read(): ModelStatistics {
    const { input, infer, output } = this.#all
    return {
      name: this.#name,
      version: this.#version,
      last_inference: this.#last,
      inference_count: this.#rows,
      execution_count: infer.count,
      inference_stats: {
        success: shown(this.#success),
        fail: shown(this.#fail),
        // Every request is taken at once, and none is answered from a cache.
        queue: { count: this.#success.count, ns: 0 },
        compute_input: shown(input),
        compute_infer: shown(infer),
        compute_output: shown(output),
        cache_hit: NONE,
        cache_miss: NONE,
      },
      batch_stats: [...this.#batches].map(([batch_size, batch]) => ({
        batch_size,
        compute_input: shown(batch.input),
        compute_infer: shown(batch.infer),
        compute_output: shown(batch.output),
      })),
    }
  }
}

function nothing(): Total {
  return { count: 0, us: 0 }
}

function emptyBatch(): Batch {
  return { input: nothing(), infer: nothing(), output: nothing() }
}

function add(total: Total, us: number): void {
  total.count += 1
  total.us += us
}

function shown({ count, us }: Total): Duration {
  return { count, ns: Math.round(us * 1000) }
}

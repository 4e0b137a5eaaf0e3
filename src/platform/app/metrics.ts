import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'

/** What is exposed for Prometheus; each function is asked at the moment of a scrape. */
export interface MetricSources {
  streams(): readonly {
    readonly stream: string
    readonly received: number
    readonly accepted: number
    readonly duplicates: number
    readonly rejected: number
  }[]
  models(): readonly {
    readonly model: string
    readonly version: number
    readonly predictions: number
    readonly failures: number
    /** Seconds. */
    readonly p50?: number
    readonly p99?: number
  }[]
  parity(): { readonly checked: number; readonly mismatches: number; readonly unverifiable: number }
  shedPredictions(): number
}

/** The text of /metrics: the process's own figures and ours. */
export function createMetrics(sources: MetricSources): { text(): Promise<string> } {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const gauge = (name: string, help: string, labelNames: string[], collect: (set: Gauge<string>) => void): void => {
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        this.reset()
        collect(this)
      },
    })
  }
  gauge('trueline_stream_rows_total', 'Rows of a stream by what became of them', ['stream', 'outcome'], (set) => {
    for (const { stream, ...counts } of sources.streams())
      for (const outcome of ['received', 'accepted', 'duplicates', 'rejected'] as const)
        set.set({ stream, outcome }, counts[outcome])
  })
  gauge('trueline_predictions_total', 'Predictions answered since the start', ['model', 'version'], (set) => {
    for (const { model, version, predictions } of sources.models())
      set.set({ model, version: String(version) }, predictions)
  })
  gauge(
    'trueline_prediction_failures_total',
    'Rows that got an error instead of a prediction',
    ['model', 'version'],
    (set) => {
      for (const { model, version, failures } of sources.models())
        set.set({ model, version: String(version) }, failures)
    },
  )
  gauge(
    'trueline_prediction_latency_seconds',
    'Latency of the scoring path since the start',
    ['model', 'quantile'],
    (set) => {
      for (const { model, p50, p99 } of sources.models()) {
        if (p50 !== undefined) set.set({ model, quantile: '0.5' }, p50)
        if (p99 !== undefined) set.set({ model, quantile: '0.99' }, p99)
      }
    },
  )
  gauge('trueline_parity_checked_total', 'Served vectors that the parity audit recomputed', [], (set) =>
    set.set(sources.parity().checked),
  )
  gauge('trueline_parity_mismatches_total', 'Served vectors that differed when recomputed', [], (set) =>
    set.set(sources.parity().mismatches),
  )
  gauge('trueline_parity_unverifiable_total', 'Served vectors that could not be recomputed', [], (set) =>
    set.set(sources.parity().unverifiable),
  )
  gauge('trueline_predictions_not_logged_total', 'Predictions that the log had to shed', [], (set) =>
    set.set(sources.shedPredictions()),
  )
  return { text: () => registry.metrics() }
}

import type { CatalogueDetail, CatalogueFeature, CataloguePage } from '../../src/platform/api/contract.ts'

const SECOND = 1_000_000
const END = Date.UTC(2001, 5, 30, 9, 24) * 1000
const hours = ['1h', '3h', '24h', '7d'] as const
const measures = [
  { name: 'mean_delay', aggregate: 'mean', of: 'delay_min', words: 'mean of delay_min' },
  { name: 'share_late', aggregate: 'share', of: 'delay_min > 15', words: 'share of delay_min > 15' },
  { name: 'flights', aggregate: 'count', of: '', words: 'number of rows' },
] as const

/** The features of two groups, one of them older, with everything that the catalogue can say. */
const features: readonly CatalogueFeature[] = ['departures_by_carrier', 'departures_by_origin'].flatMap(
  (group, which) =>
    measures.flatMap(({ name, aggregate, of, words }, measure) =>
      hours.map((window, place): CatalogueFeature => {
        const id = `${group}.${name}_${window}`
        const isDiffering = which === 1 && measure === 0 && place === 1
        return {
          ...{ id, name: id, kind: 'windowed', type: aggregate === 'count' ? 'int' : 'number', inForce: true },
          ...(which === 0 ? { owner: 'network-operations' } : {}),
          description: `Departures as they became known, by ${which === 0 ? 'carrier' : 'origin'}.`,
          ...{ entity: which === 0 ? 'carrier' : 'airport', from: 'departures' },
          logic: `${words} over the last ${window}`,
          expression: `${aggregate}(${of}).over('${window}')`,
          digest: `sha256:${String(which + 1).repeat(64)}`,
          freshness: { promised: 600 * SECOND, age: (which === 0 ? 1200 : 42) * SECOND, degraded: which === 0 },
          state: { entities: which === 0 ? 12 : 241, bytesPerEntity: 88_412.4 - which * 40_000 },
          consumers: [
            { kind: 'model', name: 'late_flight', version: 7, serving: true },
            ...(place === 0 ? [{ kind: 'derived', name: 'ratios.against_yesterday' } as const] : []),
          ],
          trainedOn: { model: 'late_flight', version: 7, rows: 1_204_112, nullRate: 0.004 * (place + 1) },
          parity: {
            ...{ checked: 43_200, mismatches: isDiffering ? 12 : 0, causes: isDiffering ? { late: 8 } : {} },
            at: END - 12 * SECOND,
          },
        }
      }),
    ),
)

const computed: readonly CatalogueFeature[] = [
  {
    ...{ id: 'timing.hour', name: 'timing.hour', kind: 'request', type: 'int', inForce: true },
    ...{ logic: 'value of hour(scheduled_at, "UTC")', expression: 'hour(scheduled_at, "UTC")', consumers: [] },
  },
  {
    ...{ id: 'departures_by_origin.flights_1h@333333333333', name: 'departures_by_origin.flights_1h' },
    ...{ kind: 'windowed', type: 'int', inForce: false, entity: 'airport', from: 'departures' },
    ...{ logic: 'number of rows over the last 2h', expression: "count().over('2h')" },
    ...{ digest: `sha256:${'3'.repeat(64)}`, freshness: { age: 42 * SECOND, degraded: false } },
    ...{ state: { entities: 241, bytesPerEntity: 9_120 } },
    consumers: [{ kind: 'model', name: 'late_flight', version: 6, serving: false }],
  },
]

const all = [...features, ...computed]

/** The answer about a page of the catalogue; an empty one where nothing is defined. */
export function cataloguePage(isEmpty: boolean, query: URLSearchParams): CataloguePage {
  if (isEmpty) return { sentence: 'No feature is defined yet.', total: 0, features: [] }
  const words = (query.get('search') ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  const found = all.filter((one) => words.every((word) => JSON.stringify(one).toLowerCase().includes(word)))
  const [offset, limit] = [Number(query.get('offset') ?? 0), Number(query.get('limit') ?? 50)]
  return {
    sentence: `25 features in force, 1 older one kept for the versions that read them. 1 feature of a model was served otherwise than replayed.`,
    total: found.length,
    features: found.slice(offset, offset + limit),
  }
}

/** The answer about one feature; undefined when there is none. */
export function featureDetail(id: string): CatalogueDetail | undefined {
  const feature = all.find((one) => one.id === id)
  if (feature === undefined) return undefined
  const edges = [-8, -3, 0, 2, 5, 9, 16, 31, 64]
  return {
    ...feature,
    sentence: `${feature.name} is the ${feature.logic}${feature.consumers.length === 0 ? '; nothing reads it' : '; late_flight v7 serves with it'}.`,
    ...(feature.trainedOn === undefined
      ? {}
      : {
          distribution: [...edges, undefined].map((to, bin) => ({
            ...(bin === 0 ? {} : { from: edges[bin - 1]! }),
            ...(to === undefined ? {} : { to }),
            count: 118_000 + 700 * ((bin * 7) % 10),
          })),
        }),
    ...(feature.state === undefined
      ? {}
      : {
          live: {
            ...{ at: END, entities: feature.state.entities, nullRate: 0.02 },
            distribution: [...edges, undefined].map((to, bin) => ({
              ...(bin === 0 ? {} : { from: edges[bin - 1]! }),
              ...(to === undefined ? {} : { to }),
              count: 28 + ((bin * 3) % 5),
            })),
          },
        }),
  }
}

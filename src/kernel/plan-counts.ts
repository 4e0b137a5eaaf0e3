import type { PlannedFeature } from './plan.ts'

/** Features that are made of the same rows: of one window and under one condition. */
export interface CountedFeatures {
  readonly window: number
  readonly isLifetime: boolean
  /** State that counts the rows under the condition; -1 where all rows of the window count. */
  readonly rowMoments: number
  readonly features: readonly PlannedFeature[]
  /** Of each of them, where it is in the group's order, and its value over no rows. */
  readonly places: Int32Array
  readonly empties: Float64Array
}

/** Features by the rows that they are made of, which need to be counted once. */
export function countedTogether(features: readonly PlannedFeature[]): CountedFeatures[] {
  const byRows = Map.groupBy(features.keys(), (place) => {
    const { window, rowMoments } = features[place] as PlannedFeature
    return `${window} ${rowMoments}`
  })
  return [...byRows.values()].map((places) => {
    const together = places.map((place) => features[place] as PlannedFeature)
    const { window, isLifetime, rowMoments } = together[0] as PlannedFeature
    return {
      window,
      isLifetime,
      rowMoments,
      features: together,
      places: Int32Array.from(places),
      empties: Float64Array.from(together, ({ empty }) => empty),
    }
  })
}

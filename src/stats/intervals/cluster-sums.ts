/** Fewest clusters from which an error can be estimated. */
export const FEWEST_CLUSTERS = 10

/**
 * The terms of each cluster, added up: sums of clusters are independent, and the terms within are not.
 *
 * @param clusters which cluster each term belongs to, numbered from 0
 * @returns one sum for each cluster that has a term
 */
export function sumsOfClusters(terms: Float64Array, clusters: Uint32Array): Float64Array {
  const count = clusters.reduce((most, cluster) => Math.max(most, cluster + 1), 0)
  const sums = new Float64Array(count)
  const isFilled = new Uint8Array(count)
  for (let row = 0; row < terms.length; row++) {
    const cluster = clusters[row]!
    sums[cluster] = sums[cluster]! + terms[row]!
    isFilled[cluster] = 1
  }
  return sums.filter((_, cluster) => isFilled[cluster] === 1)
}

/** The variance of a sum of independent terms that are expected to be 0. */
export function sumOfSquares(terms: Float64Array): number {
  let squares = 0
  for (const term of terms) squares += term ** 2
  return squares
}

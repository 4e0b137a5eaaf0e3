/** Probabilities of a version's own classes in the order that labels are numbered in. */
export type ClassOrder = (probabilities: Float64Array) => Float64Array

/**
 * How the probabilities of a version are held against labels: versions may know other classes than the project by now. A class that
 * the version does not know has the probability 0. Undefined where one of them has no classes, so that nothing can be compared.
 * @param own those of the version
 * @param numbered those of the labels, in order
 */
export function classOrder(
  own: readonly string[] | undefined,
  numbered: readonly string[] | undefined,
): ClassOrder | undefined {
  if (own === undefined || numbered === undefined) return undefined
  if (own.length === numbered.length && own.every((name, place) => name === numbered[place])) return (given) => given
  const places = numbered.map((name) => own.indexOf(name))
  const ordered = new Float64Array(numbered.length)
  return (given) => {
    for (let place = 0; place < places.length; place += 1)
      ordered[place] = places[place] === -1 ? 0 : given[places[place]!]!
    return ordered
  }
}

/** The place of the largest of `count` numbers from `from` on, counted from there; of equal ones the first. */
export function likeliest(probabilities: ArrayLike<number>, from: number, count: number): number {
  let found = 0
  for (let place = 1; place < count; place += 1)
    if (probabilities[from + place]! > probabilities[from + found]!) found = place
  return found
}

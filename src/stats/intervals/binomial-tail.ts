/** The chance that at least `successes` of `trials` succeed, each with the chance `share`; exact for some hundred trials. */
export function chanceOfAtLeast(successes: number, trials: number, share: number): number {
  let sum = 0
  let mass = share ** trials
  for (let count = trials; count >= successes; count--) {
    sum += mass
    mass *= (count * (1 - share)) / ((trials - count + 1) * share)
  }
  return Math.min(1, sum)
}

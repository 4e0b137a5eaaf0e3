/**
 * Lets work begin in the order in which it came, so much of it at a time: what takes much memory while it is done must not all be
 * done at once.
 * @param most works at a time
 * @returns does a work when its turn has come, and gives what it gives or throws what it throws
 */
export function createTurns(most: number): <Result>(work: () => Promise<Result>) => Promise<Result> {
  const waiting: (() => void)[] = []
  let underWay = 0
  return async (work) => {
    if (underWay >= most) await new Promise<void>((resolve) => waiting.push(resolve))
    else underWay += 1
    try {
      return await work()
    } finally {
      // Whoever is next takes this one's place.
      const next = waiting.shift()
      if (next === undefined) underWay -= 1
      else next()
    }
  }
}

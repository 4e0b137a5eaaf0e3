/**
 * Does pieces of work one after the other, each whatever becomes of the others.
 * @throws the first failure, when all are done
 */
export async function allInTurn(works: readonly (() => unknown)[]): Promise<void> {
  const failures: unknown[] = []
  for (const work of works)
    try {
      await work()
    } catch (thrown) {
      failures.push(thrown)
    }
  if (failures.length > 0) throw failures[0]
}

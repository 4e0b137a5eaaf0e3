import type { Clock } from '../../core/clock.ts'

/**
 * Waits for work, but not beyond a deadline.
 * @param deadline microseconds of the clock's `elapsed`; absent or infinite: however long it takes
 * @returns whether the work was done in time
 * @throws what the work throws in time
 */
export async function inTime(
  work: Promise<unknown>,
  deadline: number | undefined,
  clock: Pick<Clock, 'elapsed'>,
): Promise<boolean> {
  if (deadline === undefined || deadline === Number.POSITIVE_INFINITY) {
    await work
    return true
  }
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), Math.max(0, (deadline - clock.elapsed()) / 1000))
  })
  try {
    return await Promise.race([work.then(() => true), over])
  } finally {
    clearTimeout(timer)
  }
}

const MOST_ROWS = 2000

/** Rows that are read at once: no more than a source's rate allows in one of its stretches. */
export function rowsOfPage(rate = MOST_ROWS): number {
  return Math.max(1, Math.min(MOST_ROWS, Math.floor(rate)))
}

/**
 * The same members in the order of their names (by code unit, as canonical JSON has them). Definitions are built this
 * way, so that one that was stored and reloaded has its columns and features in the same places, and so that the order
 * in which they are written means nothing.
 */
export function byName<Members extends Readonly<Record<string, unknown>>>(members: Members): Members {
  const entries = Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries) as Members
}

import { changeQuery } from '../route.ts'

/** Which row of a table the address begins at. */
export function offsetOf(query: URLSearchParams): number {
  return Math.max(0, Math.floor(Number(query.get('offset') ?? 0)) || 0)
}

/** Turns to another page of a table. */
export function turnTo(offset: number): void {
  changeQuery({ offset: offset === 0 ? undefined : String(offset) }, 'replace')
}

import type { AggregateParameters } from './aggregate.ts'

/** A feature of one place each: more are a list, not features. */
const MOST_PLACES = 100

export function problemOfPlace({ nth = 0 }: AggregateParameters): string | undefined {
  const isPlace = Number.isInteger(nth) && nth >= 1 && nth <= MOST_PLACES
  return isPlace ? undefined : `A place is a whole number from 1 to ${MOST_PLACES}; here it is ${nth}.`
}

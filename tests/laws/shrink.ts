import type { LawCase } from './law-case.ts'
import type { LawEvent } from './oracle.ts'

/** A smaller case that still fails: queries, features and events are left out one by one while it does. */
export function shrink(lawCase: LawCase, fails: (smaller: LawCase) => boolean): LawCase {
  let smallest = lawCase
  for (let changed = true; changed; ) {
    changed = false
    for (const smaller of smallerCases(smallest)) {
      if (!fails(smaller)) continue
      smallest = smaller
      changed = true
      break
    }
  }
  return smallest
}

function* smallerCases(lawCase: LawCase): Generator<LawCase> {
  const { definition, events, queries } = lawCase
  for (const index of queries.keys())
    if (queries.length > 1) yield { ...lawCase, queries: queries.filter((_, other) => other !== index) }
  const features = Object.entries(definition.select)
  for (const index of features.keys()) {
    if (features.length === 1) break
    const select = Object.fromEntries(features.filter((_, other) => other !== index))
    yield { ...lawCase, definition: { ...definition, select } }
  }
  for (const gone of events) yield withoutEvent(lawCase, gone)
}

/** The same case as if an event had never come: positions and cuts after it are one lower. */
function withoutEvent(lawCase: LawCase, gone: LawEvent): LawCase {
  const lowered = (position: number) => (position > gone.position ? position - 1 : position)
  return {
    ...lawCase,
    events: lawCase.events
      .filter((event) => event !== gone)
      .map((event) => ({ ...event, position: lowered(event.position) })),
    queries: lawCase.queries.map((query) => ({ ...query, cut: lowered(query.cut) })),
  }
}

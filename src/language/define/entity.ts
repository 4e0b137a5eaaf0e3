import type { Schema } from '../../core/data-type.ts'
import { byName } from './by-name.ts'
import type { EntityDefinition, Prose } from './definitions.ts'
import { isObject, mustBe } from './given.ts'
import { withHidden } from './mentions.ts'

/** An entity with its key known to the compiler. */
export interface Entity<Key extends Schema> extends EntityDefinition {
  readonly key: Key
}

/**
 * A thing that features describe, named by its key columns.
 * @example entity('route', { origin: t.string(), destination: t.string() })
 */
export function entity<const Key extends Schema>(name: string, key: Key, prose: Prose = {}): Entity<Key> {
  mustBe(
    isObject(key),
    `entity '${name}'`,
    key,
    "Give its key columns with their types: entity('route', { origin: t.string() }).",
  )
  return withHidden({ kind: 'entity', name, key: byName(key), ...proseOf(prose) } as const, [], {})
}

/** Owner and description as far as they are given. */
export function proseOf({ owner, description }: Prose): Prose {
  return { ...(owner === undefined ? {} : { owner }), ...(description === undefined ? {} : { description }) }
}

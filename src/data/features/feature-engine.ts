import type { Value } from '../../core/data-type.ts'
import type { Digest } from '../../core/digest.ts'
import { encodeKey } from '../../core/key.ts'
import { createLiveGroup, type LiveEvent, type LiveGroup } from '../../kernel/live.ts'
import { planGroup } from '../../kernel/plan.ts'
import type { EntityDefinition, FeaturesDefinition, StreamDefinition } from '../../language/define/definitions.ts'
import type { Dictionary } from '../../language/expr/dictionary.ts'
import { type EncodedRow, rowEncoder } from './encode-row.ts'

/** A group of features with everything that its meaning depends on. */
export interface DefinedGroup {
  readonly digest: Digest
  readonly definition: FeaturesDefinition
  readonly stream: StreamDefinition
  readonly entity: EntityDefinition
}

/** An accepted event on its way into the state. A caller may use one object for all events. */
export interface AppliedEvent {
  readonly stream: string
  readonly offset: number
  readonly id: string
  readonly eventTime: number
  /** In the order of the stream's schema. */
  readonly values: readonly Value[]
}

/** The live state of all groups: each event goes to every group that reads its stream. */
export interface FeatureEngine {
  readonly dictionary: Dictionary
  /** Applies an event to the groups of its stream, in the order of offsets. */
  apply(event: AppliedEvent): void
  /**
   * The state of a group by its digest.
   * @throws Error for a digest that the engine was not made with
   */
  group(digest: Digest): EngineGroup
  groups(): readonly EngineGroup[]
  /** Lets go of what no read at or after `time` needs. */
  forget(time: number): void
}

export interface EngineGroup extends DefinedGroup {
  readonly live: LiveGroup
  /** Text of an entity's key from its values, in the order of the entity's key; undefined when one is null. */
  keyOf(values: readonly Value[]): string | undefined
}

interface Target {
  readonly group: EngineGroup
  readonly keyColumns: readonly number[]
}

interface Route {
  readonly encode: (values: readonly Value[]) => EncodedRow
  readonly sequence: number
  readonly targets: Target[]
}

/** An engine without state; one live group per digest. */
export function createFeatureEngine(defined: readonly DefinedGroup[], dictionary: Dictionary): FeatureEngine {
  const groups = new Map<Digest, EngineGroup>()
  for (const one of defined) if (!groups.has(one.digest)) groups.set(one.digest, createGroup(one, dictionary))
  const routes = routesOf([...groups.values()], dictionary)
  const keyValues: Value[] = []
  return {
    dictionary,
    apply(event) {
      const route = routes.get(event.stream)
      if (route !== undefined) applyTo(route, event, keyValues)
    },
    group(digest) {
      const found = groups.get(digest)
      if (found === undefined) throw new Error(`no state for the features ${digest}`)
      return found
    },
    groups: () => [...groups.values()],
    forget(time) {
      for (const { live } of groups.values()) live.forget(time)
    },
  }
}

function createGroup(defined: DefinedGroup, dictionary: Dictionary): EngineGroup {
  const types = Object.values(defined.entity.key).map(({ type }) => type)
  return {
    ...defined,
    live: createLiveGroup(planGroup(defined.definition, defined.stream, dictionary)),
    keyOf: (values) => encodeKey(types, values),
  }
}

function routesOf(groups: readonly EngineGroup[], dictionary: Dictionary): Map<string, Route> {
  const routes = new Map<string, Route>()
  for (const group of groups) {
    const { stream, entity, definition } = group
    const names = Object.keys(stream.schema)
    const keyColumns = Object.keys(entity.key).map((column) => names.indexOf(definition.keys[column] ?? column))
    const known = routes.get(stream.name)
    if (known !== undefined) known.targets.push({ group, keyColumns })
    else {
      const sequence = stream.sequence === undefined ? -1 : names.indexOf(stream.sequence)
      routes.set(stream.name, {
        encode: rowEncoder(stream.schema, dictionary),
        sequence,
        targets: [{ group, keyColumns }],
      })
    }
  }
  return routes
}

const scratch: LiveEvent = { id: '', eventTime: 0, sequence: 0, position: 0, columns: [], row: 0 }

function applyTo(route: Route, event: AppliedEvent, keyValues: Value[]): void {
  scratch.columns = route.encode(event.values)
  scratch.id = event.id
  scratch.eventTime = event.eventTime
  scratch.position = event.offset
  scratch.sequence = route.sequence === -1 ? 0 : Number(event.values[route.sequence] ?? 0)
  for (const { group, keyColumns } of route.targets) {
    keyValues.length = keyColumns.length
    for (let index = 0; index < keyColumns.length; index += 1) keyValues[index] = event.values[keyColumns[index]!]!
    const key = group.keyOf(keyValues)
    if (key !== undefined) group.live.apply(key, scratch)
  }
}

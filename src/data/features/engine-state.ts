import { type Digest, shortDigest } from '../../core/digest.ts'
import { layoutOf } from '../../kernel/snapshot.ts'
import { StateReader, StateWriter } from '../../kernel/state-words.ts'
import { createDictionary, type Dictionary } from '../../language/expr/dictionary.ts'
import type { StateFrame } from '../../stores/state/state-file.ts'
import type { EngineGroup, FeatureEngine } from './feature-engine.ts'

/** What a file of state says of a group. JSON has no -Infinity: where there is no time it says null. */
export interface SavedGroup {
  readonly name: string
  readonly digest: Digest
  /** Records are of use only to a plan of the same layout (kernel/snapshot.ts). */
  readonly layout: Digest
  readonly position: number
  readonly newest: number | null
  readonly forgottenBefore: number | null
  readonly knownAt: number | null
}

/** The state of an engine at one position of the log, handed out while the engine goes on. */
export interface EngineSnapshot {
  readonly groups: readonly SavedGroup[]
  /** Entities of each group, in a section of the group's number, then the texts that codes stand for. */
  readonly frames: Generator<StateFrame | undefined>
  /** To be called however it ends. */
  end(): void
}

const TEXTS_AT_ONCE = 500

/** Begins to write an engine's state down as it is now; one at a time. */
export function snapshotEngine({ dictionary, groups }: FeatureEngine): EngineSnapshot {
  const texts = dictionary.size
  const snapshots = groups().map((group) => ({ group, snapshot: group.live.snapshot() }))

  function* frames(): Generator<StateFrame | undefined> {
    for (const [section, { snapshot }] of snapshots.entries())
      for (const words of snapshot.chunks) yield words === undefined ? undefined : { section, words }
    for (let code = 0; code < texts; code += TEXTS_AT_ONCE) {
      const writer = new StateWriter()
      for (let next = code; next < Math.min(code + TEXTS_AT_ONCE, texts); next += 1)
        writer.text(dictionary.decode(next))
      yield { section: snapshots.length, words: writer.written }
    }
  }

  return {
    groups: snapshots.map(({ group: { digest, definition, knownAt, live }, snapshot: { state } }) => ({
      name: definition.name,
      digest,
      layout: layoutOf(live.plan),
      position: state.position,
      newest: finiteOrNull(state.newest),
      forgottenBefore: finiteOrNull(state.forgottenBefore),
      knownAt: finiteOrNull(knownAt),
    })),
    frames: frames(),
    end() {
      for (const { snapshot } of snapshots) snapshot.end()
    },
  }
}

/** A dictionary that gives the texts of a snapshot the codes that they had. */
export function restoreDictionary(groups: number, frames: readonly StateFrame[]): Dictionary {
  const dictionary = createDictionary()
  for (const { section, words } of frames) {
    if (section !== groups) continue
    for (const reader = new StateReader(words); !reader.isAtEnd; ) dictionary.encode(reader.text())
  }
  return dictionary
}

/**
 * Gives the groups of an engine the states that were saved of them, where they mean the same. The groups of a stream go
 * on from one position, so either all of them have a state or none.
 * @param engine made with the dictionary of the same frames, and with nothing applied
 * @returns by stream, why its groups were left without a state
 */
export function restoreGroups(
  engine: FeatureEngine,
  saved: readonly SavedGroup[],
  frames: readonly StateFrame[],
): Map<string, string> {
  const left = new Map<string, string>()
  const sections = new Map<EngineGroup, number>()
  for (const group of engine.groups()) {
    const section = saved.findIndex(({ digest }) => digest === group.digest)
    sections.set(group, section)
    if (section !== -1 && saved[section]!.layout === layoutOf(group.live.plan)) continue
    const why = section === -1 ? 'was not saved' : 'was saved by another version'
    left.set(group.definition.from, `the state of '${group.definition.name}' (${shortDigest(group.digest)}) ${why}`)
  }
  for (const [group, section] of sections) {
    if (left.has(group.definition.from)) continue
    const { position, newest, forgottenBefore, knownAt } = saved[section]!
    const state = { position, newest: timeOf(newest), forgottenBefore: timeOf(forgottenBefore) }
    const own = frames.filter((frame) => frame.section === section)
    const chunks = own.map(({ words }) => words)
    group.restore(timeOf(knownAt), state, chunks)
  }
  return left
}

function finiteOrNull(time: number): number | null {
  return Number.isFinite(time) ? time : null
}

function timeOf(saved: number | null): number {
  return saved ?? Number.NEGATIVE_INFINITY
}

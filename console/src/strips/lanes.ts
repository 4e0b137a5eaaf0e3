import type { ReleaseMarker } from '../../../src/platform/api/contract.ts'
import type { TimeWindow } from '../time/windows.ts'

/** Spans put on lanes, so that none covers another: each gets the first lane that is free when it begins. */
export function lanesOf(spans: readonly TimeWindow[]): readonly number[] {
  const freeFrom: number[] = []
  const order = spans.map((_, index) => index).sort((a, b) => at(spans, a).from - at(spans, b).from)
  const lanes = new Array<number>(spans.length).fill(0)
  for (const index of order) {
    const { from, to } = at(spans, index)
    const free = freeFrom.findIndex((time) => time <= from)
    const lane = free === -1 ? freeFrom.length : free
    freeFrom[lane] = to
    lanes[index] = lane
  }
  return lanes
}

/** Releases whose labels would lie on each other, as one label. */
export interface Flag {
  readonly at: number
  readonly label: string
  readonly releases: readonly ReleaseMarker[]
}

/**
 * Releases as flags: those closer than `apart` microseconds share one, which names the versions in order of time, or
 * the first and the last where they are more than three.
 * @param letter how many microseconds of the axis one letter of a label covers: a release that the label before it reaches
 *   over shares its flag, too
 */
export function flagsOf(releases: readonly ReleaseMarker[], apart: number, letter = 0): readonly Flag[] {
  const groups: ReleaseMarker[][] = []
  for (const release of [...releases].sort((a, b) => a.at - b.at)) {
    const group = groups.at(-1)
    const last = group?.at(-1)
    const isNear = (to: ReleaseMarker, length: number): boolean => release.at - to.at < length
    if (
      group !== undefined &&
      last !== undefined &&
      (isNear(last, apart) || isNear(at(group, 0), letter * labelOf(group).length))
    )
      group.push(release)
    else groups.push([release])
  }
  return groups.map((group) => ({ at: at(group, 0).at, label: labelOf(group), releases: group }))
}

function labelOf(group: readonly ReleaseMarker[]): string {
  const versions = group.map(({ version }) => `v${version}`)
  return versions.length <= 3 ? versions.join('→') : `${at(versions, 0)}→…→${at(versions, versions.length - 1)}`
}

function at<T>(list: readonly T[], index: number): T {
  return list[index] as T
}

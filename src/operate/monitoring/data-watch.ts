import { days } from './alert-policies.ts'
import { driftWording, missingWording, type VersionName } from './alert-wording.ts'
import type { Finding } from './conditions.ts'
import { type DriftedGroup, type FeatureGroup, groupsOf, groupVerdict, missingVerdict } from './drift-groups.ts'
import type { DriftPoint } from './drift-window.ts'
import { type Persistence, persistence } from './persistence.ts'
import type { MonitoringReference } from './reference.ts'

interface WatchedGroup {
  readonly group: FeatureGroup
  persistence: Persistence
  since: number
  /** What drifted in the last window in which something did. */
  drifted: DriftedGroup['drifted']
}

/**
 * Follows the features of the version that serves. Each group of correlated features opens and closes by itself; one alert
 * is about all groups that are open, so that a storm that moves five groups is one ticket and not five.
 */
export class DataWatch {
  readonly #reference: MonitoringReference
  readonly #groups: readonly WatchedGroup[]

  constructor(reference: MonitoringReference) {
    this.#reference = reference
    this.#groups = groupsOf(reference.features).map((group) => ({
      ...{ group, persistence: persistence(days), since: 0, drifted: [] },
    }))
  }

  /** Takes over the groups that were open before a restart, by their leaders. */
  restore(leaders: readonly string[], since: number): void {
    for (const watched of this.#groups) {
      if (!leaders.includes(watched.group.leader)) continue
      watched.persistence = persistence(days, true)
      watched.since = since
    }
  }

  /** The groups that are open, the weightiest first. */
  get open(): DriftedGroup[] {
    return this.#groups
      .filter((watched) => watched.persistence.open)
      .map(({ group, since, drifted }) => ({ leader: group.leader, since, drifted }))
      .sort((a, b) => (b.drifted[0]?.weight ?? 0) - (a.drifted[0]?.weight ?? 0))
  }

  /** Takes the next window, and gives what it means. */
  take(name: VersionName, points: readonly DriftPoint[], from: number): Finding[] {
    const { features } = this.#reference
    let driftedNow = false
    for (const watched of this.#groups) {
      const { verdict, drifted } = groupVerdict(watched.group, features, points)
      watched.persistence.push(verdict)
      if (verdict === 'bad') {
        if (watched.drifted.length === 0) watched.since = from
        watched.drifted = drifted
        driftedNow ||= watched.persistence.open
      } else if (verdict === 'good' && !watched.persistence.open) watched.drifted = []
    }
    const open = this.open
    const describe = () => driftWording(name, open, this.#reference)
    const drift = open.length === 0 ? 'good' : driftedNow ? 'bad' : 'unknown'
    const { verdict, missing } = missingVerdict(features, points)
    const describeMissing = (since: number) => missingWording(name, missing, this.#reference, since)
    return [
      { kind: 'data_drift', verdict: drift, from: open[0]?.since ?? from, describe },
      { kind: 'missing_values', verdict, from, describe: describeMissing },
    ]
  }
}

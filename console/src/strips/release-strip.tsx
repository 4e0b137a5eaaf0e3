import { type ReactNode, useMemo } from 'react'
import type { ReleaseMarker } from '../../../src/platform/api/contract.ts'
import { formatTime } from '../format/time.ts'
import { useCursorTime } from './cursor.ts'
import { AXIS, GUTTER, positionOf, useFrame } from './frame-context.ts'
import { flagsOf } from './lanes.ts'
import { Strip } from './strip.tsx'

const PIXELS_A_LABEL = 30
const PIXELS_A_LETTER = 9

/** What served when: a flag at each release. */
export function ReleaseStrip({ onDownload }: { onDownload: () => void }): ReactNode {
  const frame = useFrame()
  const { releases, from, to, width } = frame
  const flags = useMemo(() => {
    const pixel = (to - from) / Math.max(1, width - AXIS - GUTTER)
    return flagsOf(releases, PIXELS_A_LABEL * pixel, PIXELS_A_LETTER * pixel).filter(
      (flag) => flag.at >= from && flag.at < to,
    )
  }, [releases, from, to, width])
  return (
    <Strip
      title="Releases"
      className="lane"
      onDownload={releases.length > 0 ? onDownload : undefined}
      readout={<ServedThen />}
    >
      {flags.map((flag) => (
        <span
          key={flag.at}
          className="flag"
          style={{ left: positionOf(flag.at, frame) }}
          title={flag.releases.map((release) => sentenceOf(release, frame.zone)).join('\n')}
        >
          {flag.label}
        </span>
      ))}
      {flags.length === 0 && <p className="teach">{unchanged(servingAt(releases, from), frame.zone)}</p>}
    </Strip>
  )
}

/** What is said where nothing changed in the time shown. */
export function unchanged(serving: ReleaseMarker | undefined, zone: string): string {
  if (serving === undefined) return 'No version has served yet.'
  return `No change: v${serving.version} has served since ${formatTime(serving.at, zone)}.`
}

function ServedThen(): ReactNode {
  const { releases, cursor, to, zone } = useFrame()
  const time = useCursorTime(cursor) ?? to
  const release = servingAt(releases, time)
  if (release === undefined) return null
  return (
    <p className="line" title={sentenceOf(release, zone)}>
      <strong>v{release.version}</strong> {release.reason}
    </p>
  )
}

/** The release that served at a time. */
export function servingAt(releases: readonly ReleaseMarker[], time: number): ReleaseMarker | undefined {
  let serving: ReleaseMarker | undefined
  for (const release of releases) {
    if (release.at <= time && (serving === undefined || release.at >= serving.at)) serving = release
  }
  return serving
}

function sentenceOf({ at, version, reason, by }: ReleaseMarker, zone: string): string {
  return `v${version} from ${formatTime(at, zone)} ${zone}: ${reason} (by ${by})`
}

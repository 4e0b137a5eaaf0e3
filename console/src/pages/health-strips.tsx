import { type ReactNode, useCallback, useMemo } from 'react'
import type { FeatureStrip, ModelHealth } from '../../../src/platform/api/contract.ts'
import { getJson } from '../api/client.ts'
import { healthPath } from '../api/queries.ts'
import { commands } from '../commands.ts'
import { Empty } from '../components/empty.tsx'
import { turnTo } from '../components/offset.ts'
import { changeQuery } from '../route.ts'
import { AlertStrip } from '../strips/alert-strip.tsx'
import { spansOf } from '../strips/concerns.ts'
import * as downloads from '../strips/downloads.ts'
import { DriftStrips } from '../strips/drift-strips.tsx'
import { Frame } from '../strips/frame.tsx'
import { OutcomeStrips } from '../strips/outcome-strips.tsx'
import { PredictionStrip } from '../strips/prediction-strip.tsx'
import { ReleaseStrip } from '../strips/release-strip.tsx'
import { ServiceStrips } from '../strips/service-strips.tsx'
import { summaryAt } from '../strips/summary.ts'
import { rangeChanges, readTime, writeTime } from '../time/range.ts'
import { shortestOf } from '../time/windows.ts'

/** Features that are read at once for a download. */
const PAGE = 100

interface HealthStripsProps {
  readonly health: ModelHealth
  readonly zone: string
  readonly query: URLSearchParams
  /** How many features are shown at a time. */
  readonly limit: number
}

/** The four categories, releases and alerts, on one time axis. */
export function HealthStrips({ health, zone, query, limit }: HealthStripsProps): ReactNode {
  const { model, from, to, now, alerts, releases } = health
  const spans = useMemo(
    () => ({
      service: spansOf(alerts, 'service', now),
      prediction: spansOf(alerts, 'prediction', now),
      outcome: spansOf(alerts, 'outcome', now),
    }),
    [alerts, now],
  )
  const describe = useCallback((time: number | undefined) => summaryAt(health, time, zone), [health, zone])
  const step = useMemo(
    () => shortestOf([...health.service, ...health.prediction, ...health.outcome]) ?? (to - from) / 100,
    [health, from, to],
  )
  return (
    <Frame
      from={from}
      to={to}
      zone={zone}
      releases={releases}
      held={readTime(query.get('at'))}
      step={step}
      describe={describe}
      onZoom={(range) =>
        changeQuery(
          range === undefined ? { from: undefined, to: undefined, range: 'all' } : rangeChanges(range.from, range.to),
          'push',
        )
      }
      onHold={(time) => changeQuery({ at: time === undefined ? undefined : writeTime(time) }, 'replace')}
    >
      <ReleaseStrip
        onDownload={() =>
          downloads.saveStrip(health, 'releases', downloads.releaseColumns, downloads.releaseRows(releases))
        }
      />
      <AlertStrip
        alerts={alerts}
        now={now}
        onDownload={() => downloads.saveStrip(health, 'alerts', downloads.alertColumns, downloads.alertRows(alerts))}
      />
      <ServiceStrips
        points={health.service}
        spans={spans.service}
        onDownload={() =>
          downloads.saveStrip(health, 'service', downloads.serviceColumns, downloads.windowRows(health.service))
        }
        empty={
          <Empty line={commands.predict(model)}>
            No prediction in this stretch of time. Here would be traffic, latency and errors. This makes one:
          </Empty>
        }
      />
      <DriftStrips
        features={health.features}
        limit={limit}
        onOffset={turnTo}
        opened={query.get('feature') ?? undefined}
        onOpen={(feature) => changeQuery({ feature }, 'replace')}
        onDownload={() => void downloadDrift(health)}
      />
      <PredictionStrip
        points={health.prediction}
        spans={spans.prediction}
        onDownload={() =>
          downloads.saveStrip(
            health,
            'predictions',
            downloads.predictionColumns,
            downloads.windowRows(health.prediction),
          )
        }
      />
      <OutcomeStrips
        points={health.outcome}
        expected={health.expected}
        baseline={health.baseline}
        spans={spans.outcome}
        onDownload={() =>
          downloads.saveStrip(health, 'outcomes', downloads.outcomeColumns, downloads.windowRows(health.outcome))
        }
        empty={
          <Empty line={commands.ingest()}>
            No label has come for the predictions of this stretch of time. Labels join by themselves when their events
            are ingested:
          </Empty>
        }
      />
    </Frame>
  )
}

/** Saves the drift of all features of the model, not only of those on this page. */
async function downloadDrift(health: ModelHealth): Promise<void> {
  const strips: FeatureStrip[] = []
  const range = { from: health.from, to: health.to }
  let total = 1
  while (strips.length < total) {
    const path = healthPath(health.model, range, { features: PAGE, offset: strips.length }, undefined)
    const page = await getJson<ModelHealth>(path, new AbortController().signal)
    total = page.features.total
    if (page.features.strips.length === 0) break
    strips.push(...page.features.strips)
  }
  downloads.saveStrip(health, 'drift', downloads.driftColumns, downloads.driftRows(strips))
}

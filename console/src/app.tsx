import { type ReactNode, useEffect, useRef } from 'react'
import { useFleet } from './api/queries.ts'
import { BrokenPage } from './components/broken-page.tsx'
import { Empty } from './components/empty.tsx'
import { LiveLine } from './components/live-line.tsx'
import { Opening } from './components/opening.tsx'
import { TopBar } from './components/top-bar.tsx'
import { AlertDetailPage } from './pages/alert.tsx'
import { AlertsPage } from './pages/alerts.tsx'
import { ApiPage } from './pages/api.tsx'
import { AuditPage } from './pages/audit.tsx'
import { BatchRunPage } from './pages/batch-run.tsx'
import { CataloguePage } from './pages/catalogue.tsx'
import { DeadLetterDetailPage } from './pages/dead-letter.tsx'
import { DeadLettersPage } from './pages/dead-letters.tsx'
import { DecisionsPage } from './pages/decisions.tsx'
import { FeaturePage } from './pages/feature.tsx'
import { FleetPage } from './pages/fleet.tsx'
import { LineagePage } from './pages/lineage.tsx'
import { LoadTestPage } from './pages/load-test.tsx'
import { ModelHealthPage } from './pages/model-health.tsx'
import { ModelReadinessPage } from './pages/model-readiness.tsx'
import { OperationsPage } from './pages/operations.tsx'
import { PredictionPage } from './pages/prediction.tsx'
import { PredictionsPage } from './pages/predictions.tsx'
import { ReadinessPage } from './pages/readiness.tsx'
import { RegisteredModelPage } from './pages/registered-model.tsx'
import { RegistryPage } from './pages/registry.tsx'
import { RetrainingPage } from './pages/retraining.tsx'
import { RunPage } from './pages/run.tsx'
import { RunsPage } from './pages/runs.tsx'
import { SimulationPage } from './pages/simulation.tsx'
import { SourcePage } from './pages/source.tsx'
import { SourcesPage } from './pages/sources.tsx'
import { StreamQualityPage } from './pages/stream-quality.tsx'
import { VersionPage } from './pages/version.tsx'
import { apiLink, fleetLink, type Route, useRoute } from './route.ts'
import { isZone } from './time/zone.ts'
import { ZoneContext } from './time/zone-context.ts'

/** The frame that is there at once, and the page that the address names inside it. */
export function App(): ReactNode {
  const route = useRoute()
  const fleet = useFleet()
  const asked = route.query.get('zone')
  const zone = asked !== null && isZone(asked) ? asked : 'UTC'
  const main = useRef<HTMLElement>(null)
  const place = placeOf(route)
  const shown = useRef(place)
  useEffect(() => {
    if (shown.current === place) return
    shown.current = place
    main.current?.focus({ preventScroll: true })
    window.scrollTo(0, 0)
  }, [place])
  return (
    <>
      <button type="button" className="skip" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <div className="topframe">
        <TopBar route={route} zone={zone} />
        <LiveLine fleet={fleet} zone={zone} />
      </div>
      <main ref={main} tabIndex={-1}>
        <ZoneContext value={zone}>
          <BrokenPage key={place}>
            <Page route={route} fleet={fleet} zone={zone} />
          </BrokenPage>
        </ZoneContext>
      </main>
    </>
  )
}

/** What must change for the page to count as another one. */
function placeOf(route: Route): string {
  if (route.page === 'model') return route.model
  if (route.page === 'feature') return route.feature
  if (route.page === 'source') return `source ${route.source}`
  if (route.page === 'alert') return route.alert
  if (route.page === 'prediction') return `prediction ${route.prediction}`
  if (route.page === 'run' || route.page === 'batchrun') return route.run
  if (route.page === 'registered') return `registered ${route.model}`
  if (route.page === 'modelreadiness') return `readiness ${route.model}`
  if (route.page === 'version') return `version ${route.model}/${route.version}`
  if (route.page === 'loadtest') return `load test ${route.number}`
  if (route.page === 'simulation') return `simulation ${route.number}`
  return route.page === 'deadletter' ? String(route.letter) : route.page
}

function Page({ route, fleet, zone }: { route: Route; fleet: ReturnType<typeof useFleet>; zone: string }): ReactNode {
  if (route.page === 'fleet') return <FleetPage fleet={fleet} zone={zone} query={route.query} />
  if (route.page === 'model') {
    return <ModelHealthPage key={route.model} model={route.model} fleet={fleet.data} zone={zone} query={route.query} />
  }
  if (route.page === 'stream')
    return <StreamQualityPage key={route.stream} stream={route.stream} fleet={fleet.data} zone={zone} />
  if (route.page === 'features') return <CataloguePage fleet={fleet.data} query={route.query} />
  if (route.page === 'api') return <ApiPage fleet={fleet.data} query={route.query} />
  if (route.page === 'lineage') return <LineagePage query={route.query} zone={zone} />
  if (route.page === 'run') return <RunPage key={route.run} run={route.run} query={route.query} zone={zone} />
  if (route.page === 'retraining') return <RetrainingPage fleet={fleet.data} zone={zone} query={route.query} />
  if (route.page === 'readiness') return <ReadinessPage fleet={fleet.data} query={route.query} />
  if (route.page === 'modelreadiness') {
    return (
      <ModelReadinessPage key={route.model} model={route.model} fleet={fleet.data} zone={zone} query={route.query} />
    )
  }
  if (route.page === 'registry') return <RegistryPage fleet={fleet.data} zone={zone} query={route.query} />
  if (route.page === 'registered') {
    return (
      <RegisteredModelPage key={route.model} model={route.model} fleet={fleet.data} zone={zone} query={route.query} />
    )
  }
  if (route.page === 'version') {
    const { model, version } = route
    return (
      <VersionPage
        key={`${model}/${version}`}
        model={model}
        version={version}
        fleet={fleet.data}
        zone={zone}
        query={route.query}
      />
    )
  }
  if (route.page === 'operations') return <OperationsPage fleet={fleet.data} zone={zone} query={route.query} />
  if (route.page === 'sources') return <SourcesPage fleet={fleet.data} zone={zone} query={route.query} />
  if (route.page === 'source') {
    return <SourcePage key={route.source} source={route.source} fleet={fleet.data} zone={zone} query={route.query} />
  }
  if (route.page === 'alerts') return <AlertsPage fleet={fleet.data} zone={zone} query={route.query} />
  if (route.page === 'alert') {
    return <AlertDetailPage key={route.alert} alert={route.alert} fleet={fleet.data} zone={zone} query={route.query} />
  }
  if (route.page === 'audit') return <AuditPage fleet={fleet.data} zone={zone} query={route.query} />
  if (route.page === 'predictions') return <PredictionsPage fleet={fleet.data} zone={zone} query={route.query} />
  if (route.page === 'prediction') {
    return <PredictionPage key={route.prediction} prediction={route.prediction} zone={zone} query={route.query} />
  }
  if (route.page === 'decisions') return <DecisionsPage fleet={fleet.data} zone={zone} query={route.query} />
  if (route.page === 'batchrun') return <BatchRunPage key={route.run} run={route.run} zone={zone} query={route.query} />
  if (route.page === 'loadtest') {
    return <LoadTestPage key={route.number} number={route.number} zone={zone} query={route.query} />
  }
  if (route.page === 'simulation') {
    return <SimulationPage key={route.number} number={route.number} zone={zone} query={route.query} />
  }
  if (route.page === 'runs') return <RunsPage query={route.query} zone={zone} />
  if (route.page === 'feature') {
    return (
      <FeaturePage key={route.feature} feature={route.feature} fleet={fleet.data} zone={zone} query={route.query} />
    )
  }
  if (route.page === 'deadletters') return <DeadLettersPage fleet={fleet.data} zone={zone} query={route.query} />
  if (route.page === 'deadletter') {
    return <DeadLetterDetailPage key={route.letter} letter={route.letter} fleet={fleet.data} zone={zone} />
  }
  return (
    <>
      <Opening sentence="There is no page at this address." />
      <Empty>
        The links above lead to all pages: begin with the <a href={fleetLink(route.query)}>fleet</a>, which leads to
        each model, or see <a href={apiLink(route.query)}>how the platform is asked over HTTP</a>.
      </Empty>
    </>
  )
}

import { type ReactNode, useEffect, useRef } from 'react'
import { useFleet } from './api/queries.ts'
import { Empty } from './components/empty.tsx'
import { LiveLine } from './components/live-line.tsx'
import { Opening } from './components/opening.tsx'
import { TopBar } from './components/top-bar.tsx'
import { ApiPage } from './pages/api.tsx'
import { CataloguePage } from './pages/catalogue.tsx'
import { DeadLetterDetailPage } from './pages/dead-letter.tsx'
import { DeadLettersPage } from './pages/dead-letters.tsx'
import { FeaturePage } from './pages/feature.tsx'
import { FleetPage } from './pages/fleet.tsx'
import { LineagePage } from './pages/lineage.tsx'
import { ModelHealthPage } from './pages/model-health.tsx'
import { RunPage } from './pages/run.tsx'
import { RunsPage } from './pages/runs.tsx'
import { StreamQualityPage } from './pages/stream-quality.tsx'
import {
  apiLink,
  deadLettersLink,
  featuresLink,
  fleetLink,
  lineageLink,
  type Route,
  runsLink,
  useRoute,
} from './route.ts'
import { isZone } from './time/zone.ts'

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
        <Page route={route} fleet={fleet} zone={zone} />
      </main>
    </>
  )
}

/** What must change for the page to count as another one. */
function placeOf(route: Route): string {
  if (route.page === 'model') return route.model
  if (route.page === 'feature') return route.feature
  if (route.page === 'run') return route.run
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
        The console has a page for the <a href={fleetLink(route.query)}>fleet</a>, one for{' '}
        <a href={deadLettersLink(route.query)}>dead letters</a>, one for the{' '}
        <a href={featuresLink(route.query)}>catalogue of features</a>, one for the{' '}
        <a href={apiLink(route.query)}>API</a>, for <a href={runsLink(route.query)}>runs</a> and for{' '}
        <a href={lineageLink(undefined, route.query)}>lineage</a>, and one for each model, at <code>#/models/NAME</code>
        .
      </Empty>
    </>
  )
}

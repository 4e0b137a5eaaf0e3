import { type ReactNode, useEffect } from 'react'
import type { CatalogueDetail, Fleet } from '../../../src/platform/api/contract.ts'
import { pollInterval, useFeature } from '../api/queries.ts'
import { commands } from '../commands.ts'
import { Command } from '../components/command.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Empty } from '../components/empty.tsx'
import { Opening } from '../components/opening.tsx'
import { Panel } from '../components/panel.tsx'
import { Problem } from '../components/problem.tsx'
import { Status } from '../components/status.tsx'
import { formatCount, formatDigest, formatPercent } from '../format/number.ts'
import { formatTime } from '../format/time.ts'
import { formatValue } from '../format/value.ts'
import { streamLink } from '../route.ts'
import { Consumers, freshnessWords, nullWords } from './feature-words.tsx'

interface FeaturePageProps {
  readonly feature: string
  readonly fleet: Fleet | undefined
  readonly zone: string
  readonly query: URLSearchParams
}

/** One feature: what it means, how it does, who reads it, and how its values are distributed, in training and now. */
export function FeaturePage({ feature, fleet, zone, query }: FeaturePageProps): ReactNode {
  const { data, error } = useFeature(feature, pollInterval(fleet))
  useEffect(() => {
    document.title = `${feature} · Trueline`
  }, [feature])
  if (data === undefined)
    return (
      <>
        <Opening sentence={error === null ? `Reading ${feature} …` : `There is nothing to show of ${feature}.`} />
        {error !== null && <Problem error={error} />}
      </>
    )
  return (
    <>
      <Opening sentence={data.sentence} facts={factsOf(data, query)} />
      <Panel title="Meaning" note={data.inForce ? 'as it is in force' : 'an older definition, kept for who reads it'}>
        <div className="body">
          {data.description !== undefined && <p className="remedy">{data.description}</p>}
          <pre className="row">{data.expression}</pre>
        </div>
        <div className="foot">
          The same on the command line:
          <Command line={commands.showFeature(data.id)} />
        </div>
      </Panel>
      <div className="columns">
        <Values feature={data} zone={zone} />
        <Panel title="Training and serving" note="within a day">
          <div className="body">
            {data.parity === undefined ? (
              <Empty line={commands.audit()}>
                Nothing served of it was recomputed within a day. The audit runs by itself where a model that reads it
                answers, and on this command:
              </Empty>
            ) : (
              <ParityFigures parity={data.parity} zone={zone} />
            )}
          </div>
        </Panel>
      </div>
      <LiveValues feature={data} zone={zone} />
    </>
  )
}

interface ParityFiguresProps {
  readonly parity: NonNullable<CatalogueDetail['parity']>
  readonly zone: string
}

function ParityFigures({ parity: { checked, mismatches, causes, at }, zone }: ParityFiguresProps): ReactNode {
  return (
    <>
      <dl className="figures">
        <dt>Values recomputed</dt>
        <dd>{formatCount(checked)}</dd>
        <dt>Different by a bit or more</dt>
        <dd>
          <Status tone={mismatches === 0 ? 'ok' : 'failing'}>
            {mismatches === 0 ? 'none' : formatCount(mismatches)}
          </Status>
        </dd>
        {mismatches > 0 && (
          <>
            <dt>Cause</dt>
            <dd>{Object.keys(causes).join(', ') || 'not looked into'}</dd>
          </>
        )}
        <dt>Last audit</dt>
        <dd>{at === undefined ? 'under way' : formatTime(at, zone)}</dd>
      </dl>
      <Command line={mismatches === 0 ? commands.audit() : commands.runbook('parity_mismatch')} />
    </>
  )
}

function factsOf(data: CatalogueDetail, query: URLSearchParams): readonly (readonly [string, ReactNode])[] {
  const { owner, entity, from, type, digest, state } = data
  const bytes = state?.bytesPerEntity
  return [
    ['Owner', owner ?? 'nobody is named'],
    ...(type === undefined ? [] : [['Type', type] as const]),
    ...(entity === undefined ? [] : [['Entity', entity] as const]),
    ...(from === undefined
      ? []
      : [
          [
            'Made of',
            <a key="from" href={streamLink(from, query)}>
              {from}
            </a>,
          ] as const,
        ]),
    ...(digest === undefined ? [] : [['Definition', <code key="digest">{formatDigest(digest)}</code>] as const]),
    ['Freshness', freshnessWords(data)],
    ...(state === undefined
      ? []
      : [
          [
            'State of its group',
            `${formatCount(state.entities)} entities${bytes === undefined ? '' : `, ${formatCount(Math.round(bytes))} bytes each`}`,
          ] as const,
        ]),
    ['Read by', <Consumers key="consumers" consumers={data.consumers} query={query} />],
  ]
}

type Bins = NonNullable<CatalogueDetail['distribution']>
type Bin = Bins[number]
type Share = Bin & { readonly share: number }

function Values({ feature, zone }: { feature: CatalogueDetail; zone: string }): ReactNode {
  return (
    <Panel title="Values in training" note={feature.trainedOn === undefined ? '' : `no value in ${nullWords(feature)}`}>
      <BinTable
        caption="Values in training, in ascending bins"
        {...{ bins: feature.distribution ?? [], counted: 'Rows', feature, zone }}
        empty={
          <Empty>
            No version was trained on it. Once one is, here is how its values were distributed: that is what its
            monitors compare with.
          </Empty>
        }
      />
    </Panel>
  )
}

/** What entities would be answered at this moment, of a feature that is of the state of a group. */
function LiveValues({ feature, zone }: { feature: CatalogueDetail; zone: string }): ReactNode {
  const { live, state } = feature
  if (live === undefined || state === undefined) return null
  const { at, entities, nullRate, distribution = [] } = live
  const some = entities < state.entities ? `${formatCount(entities)} of ` : ''
  return (
    <Panel
      title="Values now"
      note={`of ${some}${formatCount(state.entities)} entities at ${formatTime(at, zone)}, no value in ${formatPercent(nullRate)}`}
    >
      <BinTable
        caption="Values now, in ascending bins"
        {...{ bins: distribution, counted: 'Entities', feature, zone }}
        empty={<Empty>No number to put into bins: none has a value, or the values are texts.</Empty>}
      />
    </Panel>
  )
}

interface BinTableProps {
  readonly caption: string
  readonly bins: Bins
  readonly counted: string
  readonly feature: CatalogueDetail
  readonly zone: string
  readonly empty: ReactNode
}

function BinTable({ caption, bins, counted, feature, zone, empty }: BinTableProps): ReactNode {
  const total = bins.reduce((sum, { count }) => sum + count, 0)
  return (
    <DataTable
      caption={caption}
      columns={binColumns(feature.type ?? 'number', counted, zone)}
      rows={bins.filter(({ count }) => count > 0).map((bin): Share => ({ ...bin, share: bin.count / total }))}
      idOf={({ from, to }) => `${from} ${to}`}
      empty={empty}
    />
  )
}

function binColumns(type: string, counted: string, zone: string): readonly Column<Share>[] {
  return [
    {
      id: 'bin',
      header: 'Value',
      meta: { look: 'nowrap' },
      cell: ({ row: { original } }) => binWords(original, type, zone),
    },
    { id: 'count', header: counted, meta: { look: 'number' }, cell: ({ row }) => formatCount(row.original.count) },
    {
      id: 'share',
      header: 'Share',
      meta: { look: 'number' },
      cell: ({ row }) => formatPercent(row.original.share),
    },
  ]
}

/** Numbers below are 0 but for the last bit. */
const SMALLEST = 1e-300

function binWords({ from, to }: Bin, type: string, zone: string): string {
  const said = (value: number): string => formatValue(value, type, zone)
  if (from === undefined) return to === undefined ? 'any' : `up to ${said(to)}`
  if (to === undefined) return `above ${said(from)}`
  // A bin of one value begins at the number before it.
  const isOne = Math.abs(from) < SMALLEST && Math.abs(to) < SMALLEST
  return isOne ? said(to) : `${said(from)} to ${said(to)}`
}

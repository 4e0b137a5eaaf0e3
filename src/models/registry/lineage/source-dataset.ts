import type { Setting, SourceDefinition, TableOrQuery } from '../../../language/define/source-definition.ts'
import type { OpenLineageName } from './open-lineage.ts'

/**
 * What a source reads, as OpenLineage names datasets, without credentials: so that what others tell of them meets ours.
 * @see https://openlineage.io/docs/spec/naming
 */
export function datasetOfSource({ from }: SourceDefinition): OpenLineageName {
  if (from.kind === 'sqlite') return { namespace: 'file', name: `${from.path}#${readOf(from.read)}` }
  if (from.kind === 'postgres') return postgresDataset(from.url, readOf(from.read))
  if (from.kind === 'httpPages') {
    const { origin, pathname } = new URL(from.url)
    return { namespace: origin, name: pathname }
  }
  return { namespace: 'file', name: from.paths.join(',') }
}

function postgresDataset(url: Setting, read: string): OpenLineageName {
  if (typeof url !== 'string') return { namespace: `postgres://$${url.env}`, name: read }
  const { hostname, port, pathname } = new URL(url)
  const table = read.includes('.') ? read : `public.${read}`
  return { namespace: `postgres://${hostname}:${port === '' ? '5432' : port}`, name: `${pathname.slice(1)}.${table}` }
}

function readOf(read: TableOrQuery): string {
  return 'table' in read ? read.table : read.query
}

import { TruelineError } from '../../core/errors.ts'
import type { HttpPagesLocation, NextPage, SourceDefinition } from '../../language/define/source-definition.ts'
import { type FetchedPage, fetchPage } from './fetch-page.ts'
import { noteTypes } from './json-columns.ts'
import { RecentRows } from './recent-rows.ts'
import { settingOf } from './setting.ts'
import type { BrokenRow, Positions, ReaderContext, SourcePage, SourceReader, SourceRow } from './source-page.ts'
import { higher, lowered, type Watermark } from './watermark.ts'

/** How far a listing was read. */
interface HttpPosition {
  /** The page that comes next in a run under way, or the last one of a listing that goes on there. */
  readonly next?: string
  /** What the next run asks for, less the overlap. */
  readonly from?: Watermark
  /** Highest watermark of the run under way: the pages come in no order, so that it counts only once all are read. */
  readonly highest?: Watermark
  /** Digests of the rows that the next run will meet again. */
  readonly met?: readonly string[]
}

/** Reads JSON pages; a page that is not whole is not taken, and the run goes on at it. */
export function httpReader(
  location: HttpPagesLocation,
  { name, timeout, incremental }: SourceDefinition,
  { environment }: ReaderContext,
): SourceReader {
  const start = new URL(location.url)
  const origin = `${start.origin}${start.pathname}`

  function firstPage({ from }: HttpPosition): URL {
    const url = new URL(start)
    if (location.since !== undefined && from !== undefined)
      url.searchParams.set(location.since, String(lowered(from, incremental?.overlap ?? 0)))
    return url
  }

  async function* pages(positions: Positions, signal: AbortSignal): AsyncGenerator<SourcePage> {
    let position = (positions.get('') ?? {}) as HttpPosition
    const headers = Object.fromEntries(
      Object.entries(location.headers).map(([header, value]) => [header, settingOf(value, environment)]),
    )
    const options = { headers, timeout: Math.ceil(timeout / 1000), signal }
    let url = position.next === undefined ? firstPage(position) : new URL(position.next, start)
    const recent = new RecentRows(position.met)
    const seen = new Set<string>()
    let isResumed = position.next !== undefined
    for (;;) {
      if (seen.has(url.href)) throw refused(`${origin} leads from page to page in a circle`)
      seen.add(url.href)
      let page: FetchedPage
      try {
        page = await fetchPage(url, options)
      } catch (thrown) {
        // What names the page may have been forgotten in the meantime: the run begins anew.
        if (!isResumed || !(thrown instanceof TruelineError) || thrown.code !== 'source_refused') throw thrown
        isResumed = false
        url = firstPage(position)
        continue
      }
      isResumed = false
      const list = memberOf(page.body, location.rows)
      if (!Array.isArray(list))
        throw refused(`${origin} has no list of rows${location.rows === '' ? '' : ` in '${location.rows}'`}`)
      const { rows: all, broken, columns } = rowsOf(list)
      const rows = recent.fresh(all)
      if (incremental !== undefined)
        for (const row of all) {
          const value = row[incremental.by]
          if (typeof value === 'string' || typeof value === 'number')
            position = { ...position, highest: higher(position.highest, value) }
        }
      const next = nextPage(url, page, list.length)
      if (incremental !== undefined || (next === undefined && location.continues)) recent.note(all, incremental?.by)
      const { from, highest } = position
      if (next !== undefined) position = { ...position, next: next.href }
      else {
        const reached = highest ?? from
        position = {
          ...(reached === undefined ? {} : { from: reached }),
          ...(location.continues ? { next: list.length > 0 ? url.href : (position.next ?? url.href) } : {}),
          met: recent.digests(reached && lowered(reached, incremental?.overlap ?? 0)),
        }
      }
      const watermark = position.from === undefined ? {} : { watermark: String(position.from) }
      const end = next === undefined ? { isLast: true as const } : {}
      yield {
        origin,
        part: '',
        rows,
        broken,
        ...(all.length === 0 ? {} : { columns }),
        position,
        ...watermark,
        ...end,
      }
      if (next === undefined) return
      signal.throwIfAborted()
      url = next
    }
  }

  function nextPage(url: URL, { body, link }: FetchedPage, length: number): URL | undefined {
    const { next } = location
    if (next === undefined) return undefined
    const found = followed(next, url, body, link, length)
    if (found === undefined || found.origin === start.origin) return found
    throw refused(`${origin} leads to another host, ${found.host}`)
  }

  function refused(what: string): TruelineError {
    return new TruelineError('source_refused', `${what}.`, { path: name })
  }

  return { pages, coerce: (_, value) => value }
}

function followed(next: NextPage, url: URL, body: unknown, link: string | null, length: number): URL | undefined {
  if ('link' in next) return addressOf(memberOf(body, next.link), url)
  if ('header' in next) return addressOf(/<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(link ?? '')?.[1], url)
  const following = new URL(url)
  if ('cursor' in next) {
    const cursor = memberOf(body, next.cursor)
    if (isEnd(cursor)) return undefined
    if (typeof cursor === 'object') throw refusedPage(url, 'leads to a next page by what is no cursor')
    following.searchParams.set(next.parameter, String(cursor))
    return following
  }
  if (length === 0) return undefined
  const [parameter, first, step] = 'offset' in next ? [next.offset, 0, length] : [next.page, 1, 1]
  following.searchParams.set(parameter, String(Number(url.searchParams.get(parameter) ?? first) + step))
  return following
}

/**
 * The address of the next page; undefined where a listing ends.
 * @throws TruelineError `source_refused` for what is no address: taken for the end, it would lose the pages after it
 */
function addressOf(value: unknown, base: URL): URL | undefined {
  if (isEnd(value)) return undefined
  if (typeof value === 'string' && URL.canParse(value, base.href)) return new URL(value, base)
  throw refusedPage(base, 'leads to a next page that is no address')
}

function refusedPage(url: URL, what: string): TruelineError {
  const place = `${url.origin}${url.pathname}`
  return new TruelineError('source_refused', `${place} ${what}.`, { path: place })
}

/** Whether a body that names its next page names none. */
function isEnd(value: unknown): boolean {
  return value === undefined || value === null || value === '' || value === false
}

/** The member of a body at a path of names; the body itself at an empty one. */
function memberOf(body: unknown, path: string): unknown {
  let value = body
  for (const name of path === '' ? [] : path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Record<string, unknown>)[name]
  }
  return value
}

function rowsOf(list: readonly unknown[]): { rows: SourceRow[]; broken: BrokenRow[]; columns: Record<string, string> } {
  const rows: SourceRow[] = []
  const broken: BrokenRow[] = []
  const columns: Record<string, string> = {}
  for (const [index, item] of list.entries()) {
    if (typeof item !== 'object' || item === null || Array.isArray(item))
      broken.push({ text: JSON.stringify(item), reason: `Row ${index + 1} of the page is not a JSON object.` })
    else {
      noteTypes(columns, item as SourceRow)
      rows.push(item as SourceRow)
    }
  }
  return { rows, broken, columns }
}

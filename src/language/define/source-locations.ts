import { TruelineError } from '../../core/errors.ts'
import { byName } from './by-name.ts'
import { checkOptions, type OptionsOf } from './check-options.ts'
import type {
  FilesLocation,
  HttpPagesLocation,
  NextPage,
  PostgresLocation,
  Setting,
  SqliteLocation,
  TableOrQuery,
} from './source-definition.ts'

/**
 * A setting that is read from the environment when it is needed, such as a password: it is never stored or shown.
 * @example postgres({ url: env('ORDERS_DATABASE'), table: 'orders' })
 */
export function env(name: string): Setting {
  return { env: name }
}

/**
 * CSV files with a header, commas and double quotes, in UTF-8; an empty field is null. They may grow by lines.
 * @param paths files or patterns with `*` and `**`, from the folder of the project file
 */
export function csv(...paths: readonly string[]): FilesLocation {
  return { kind: 'csv', paths }
}

/** Files with one JSON object a line, in UTF-8. They may grow by lines. */
export function jsonLines(...paths: readonly string[]): FilesLocation {
  return { kind: 'jsonLines', paths }
}

/** Parquet files, each read once it is whole. */
export function parquet(...paths: readonly string[]): FilesLocation {
  return { kind: 'parquet', paths }
}

/** A table of an SQLite file, or a query. */
export function sqlite(path: string, read: TableOrQuery): SqliteLocation {
  // Node runs project files as they are: `sqlite({ file, table })` comes as far as this.
  if (typeof path !== 'string')
    throw new TruelineError('definition_invalid', 'sqlite: Its first argument is not the path of a file.', {
      path: 'sqlite',
      remedy: "Write the path and then what is meant in the file: sqlite('data/shop.db', { table: 'orders' }).",
    })
  checkOptions('sqlite', read, { table: true, query: true })
  return { kind: 'sqlite', path, read }
}

/**
 * A table of a PostgreSQL database, or a query.
 * @example postgres({ url: env('ORDERS_DATABASE'), table: 'sales.orders' })
 */
export function postgres(options: { readonly url: Setting } & TableOrQuery): PostgresLocation {
  checkOptions('postgres', options, { url: true, table: true, query: true })
  const { url, ...read } = options
  return { kind: 'postgres', url, read }
}

interface HttpPagesOptions {
  readonly url: string
  readonly headers?: Readonly<Record<string, Setting>>
  /** Member of the body that holds the rows, such as `data.items`; absent when the body itself is the list. */
  readonly rows?: string
  readonly next?: NextPage
  readonly since?: string
  readonly continues?: boolean
}

const knownOfPages: OptionsOf<HttpPagesOptions> = {
  url: true,
  headers: true,
  rows: true,
  next: true,
  since: true,
  continues: true,
}

/**
 * JSON pages of an HTTP interface.
 * @example httpPages({ url: 'https://shop.example.com/orders', rows: 'items', next: { link: 'next' }, since: 'changed_since' })
 */
export function httpPages(options: HttpPagesOptions): HttpPagesLocation {
  checkOptions('httpPages', options, knownOfPages)
  const { url, headers = {}, rows = '', next, since, continues = false } = options
  return {
    kind: 'httpPages',
    url,
    headers: byName(headers),
    rows,
    ...(next === undefined ? {} : { next }),
    ...(since === undefined ? {} : { since }),
    continues,
  }
}

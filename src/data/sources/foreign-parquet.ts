import type { DuckDBConnection } from '@duckdb/node-api'
import { parquetFiles, sqlFile, sqlName, sqlText } from '../../stores/lake/duckdb.ts'

/** Parquet files that others wrote, as an SQL relation. */
export interface ForeignParquet {
  readonly from: string
  /** The type that DuckDB gives each column. */
  readonly types: Readonly<Record<string, string>>
}

/** What a folder is named for the rows below it that have no value. */
const NULL_FOLDER = '__HIVE_DEFAULT_PARTITION__'
/** Holds the path of each row's file. */
const FILE = '_file'

/**
 * The columns that files hold, and beside them those that the folders above them name (`date=2001-01-31/`), where they are
 * asked for and the files have none of that name: a folder never takes the place of what a file says.
 * @param wanted names of columns, of which folders may give some
 * @param numbered the only file as a relation of its own, where it is read by the numbers of its rows
 */
export async function foreignParquet(
  connection: DuckDBConnection,
  paths: readonly string[],
  wanted: readonly string[],
  numbered?: string,
): Promise<ForeignParquet> {
  const described = async (relation: string): Promise<Record<string, string>> => {
    const reader = await connection.runAndReadAll(`DESCRIBE FROM ${relation}`)
    return Object.fromEntries(reader.getRows().map(([name, type]) => [String(name), String(type)]))
  }
  const plain = parquetFiles(paths)
  const types = await described(plain)
  const own = new Set(Object.keys(types).map((name) => name.toLowerCase()))
  const named = wanted.filter(
    (name) => !own.has(name.toLowerCase()) && paths.every((path) => path.includes(`${name}=`)),
  )
  if (named.length === 0) return { from: numbered ?? plain, types }
  const all = await described(`read_parquet([${paths.map(sqlFile).join(', ')}], hive_partitioning = true)`)
  const given = named.filter((name) => all[name] !== undefined)
  const columns = given.map((name) => {
    const folder = sqlText(`[/\\\\]${name.replace(/[^\w]/g, '\\$&')}=([^/\\\\]*)`)
    const text = `url_decode(regexp_extract(${numbered === undefined ? FILE : sqlText(paths[0]!)}, ${folder}, 1))`
    return `nullif(${text}, '${NULL_FOLDER}')::${all[name]} AS ${sqlName(name)}`
  })
  const rows = numbered ?? parquetFiles(paths, `filename = '${FILE}'`)
  const less = numbered === undefined ? ` EXCLUDE (${FILE})` : ''
  return {
    from: `(SELECT *${less}, ${columns.join(', ')} FROM ${rows})`,
    types: { ...types, ...Object.fromEntries(given.map((name) => [name, all[name]!])) },
  }
}

import { type DataType, LARGEST_NUMBER, SMALLEST_NUMBER, type Value } from '../../core/data-type.ts'
import { TruelineError } from '../../core/errors.ts'
import { sqlName, sqlText } from '../../stores/lake/duckdb.ts'
import { decimalPattern } from '../quality/read-value.ts'

/** SQL about one column of a source; texts are expressions over the source's own columns. */
export interface SourceColumn {
  /**
   * The value as a number, a text or a bool before any check, a decimal in whole units of its scale; null where it is
   * none.
   */
  readonly typed: string
  /** The value as JavaScript reads it, for rows that are refused: what `typed` cannot say comes as it stands. */
  readonly raw: string
}

/** A number as JSON writes one. */
const NUMBER = String.raw`-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?`
const numberPattern = new RegExp(`^${NUMBER}$`)

const numericTypes = /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL\(.*\))$/
const timeTypes = /^(TIMESTAMP(_S|_MS|_NS)?|DATE)$/

/**
 * A column of a Parquet file.
 * @param fileType the type that DuckDB gives it
 * @param isZoned whether times without a zone are those of the zone that SQL has as `in_zone`, and not of UTC
 * @throws TruelineError `wrong_type` when no value of the file's type can be one of the schema's
 */
export function parquetColumn(
  name: string,
  type: DataType,
  fileName: string,
  fileType: string,
  isZoned = false,
): SourceColumn {
  if (isZoned && type.type === 'timestamp' && timeTypes.test(fileType)) {
    const raw = `in_zone(strftime(${sqlName(fileName)}::TIMESTAMP, '%Y-%m-%dT%H:%M:%S.%f'))`
    return { raw, typed: `time_of(${raw})::DOUBLE` }
  }
  const typed = parquetExpression(type, sqlName(fileName), fileType)
  if (typed !== undefined) return { typed, raw: type.type === 'decimal' ? `${sqlName(fileName)}::DOUBLE` : typed }
  throw new TruelineError('wrong_type', `Column '${fileName}' of the file is ${fileType}; '${name}' is ${type.type}.`, {
    path: fileName,
    remedy: `Write the column as ${parquetWords[type.type]}${fileType === 'VARCHAR' ? ', or the file as CSV, where values are texts' : ''}.`,
  })
}

/** What a column of a Parquet file may hold for each type. */
const parquetWords = {
  ...{ int: 'numbers', number: 'numbers', decimal: 'numbers', bool: 'booleans', string: 'texts' },
  timestamp: 'timestamps, dates or microseconds since 1970',
} as const satisfies Record<DataType['type'], string>

function parquetExpression({ type, scale = 0 }: DataType, column: string, fileType: string): string | undefined {
  const isNumeric = numericTypes.test(fileType)
  switch (type) {
    case 'int':
    case 'number':
      return isNumeric ? `${column}::DOUBLE` : undefined
    case 'decimal':
      return isNumeric ? unitsOfNumber(column, fileType, scale) : undefined
    case 'bool':
      return fileType === 'BOOLEAN' ? column : undefined
    case 'string':
      return fileType === 'VARCHAR' || fileType.startsWith('ENUM') ? `${column}::VARCHAR` : undefined
    case 'timestamp':
      if (isNumeric) return `${column}::DOUBLE`
      if (timeTypes.test(fileType)) return `epoch_us(${column}::TIMESTAMP)::DOUBLE`
      return fileType === 'TIMESTAMP WITH TIME ZONE' ? `epoch_us(${column})::DOUBLE` : undefined
  }
}

/** Units of a decimal from a number of a Parquet file. */
function unitsOfNumber(column: string, fileType: string, scale: number): string {
  const fileScale = Number(/^DECIMAL\(\d+,(\d+)\)$/.exec(fileType)?.[1] ?? Number.NaN)
  // A decimal with no more digits than ours is exact as it stands.
  if (fileScale <= scale) return unitsOfDecimal(`try_cast(${column} AS DECIMAL(38, ${scale}))`)
  const unit = sqlNumber(10 ** scale)
  const units = `round(${column}::DOUBLE * ${unit})`
  return `CASE WHEN ${units} / ${unit} = ${column}::DOUBLE THEN ${units} END`
}

/** Units of a DECIMAL: its digits without the point. */
function unitsOfDecimal(decimal: string): string {
  return `replace((${decimal})::VARCHAR, '.', '')::DOUBLE`
}

/** A column of a CSV file, where everything is text; see `parquetColumn` for `isZoned`. */
export function csvColumn(type: DataType, fileName: string, isZoned = false): SourceColumn {
  const raw = isZoned && type.type === 'timestamp' ? `in_zone(${sqlName(fileName)})` : sqlName(fileName)
  return { raw, typed: csvExpression(type, raw) }
}

function csvExpression({ type, scale = 0 }: DataType, column: string): string {
  const asNumber = `CASE WHEN regexp_full_match(${column}, ${sqlText(NUMBER)}) THEN try_cast(${column} AS DOUBLE) END`
  switch (type) {
    case 'int':
    case 'number':
      return asNumber
    case 'decimal': {
      const isDecimal = `regexp_full_match(${column}, ${sqlText(decimalPattern(scale).source)})`
      return `CASE WHEN ${isDecimal} THEN ${unitsOfDecimal(`try_cast(${column} AS DECIMAL(38, ${scale}))`)} END`
    }
    case 'bool':
      return `CASE ${column} WHEN 'true' THEN true WHEN 'false' THEN false END`
    case 'string':
      return column
    case 'timestamp':
      return `coalesce(${asNumber}, time_of(${column})::DOUBLE)`
  }
}

/** A text of a CSV file as the value that JSON would carry; what cannot be one stays a text. */
export function csvValue({ type }: DataType, text: string): Value {
  switch (type) {
    case 'int':
    case 'number':
    case 'decimal':
      if (type !== 'decimal' && numberPattern.test(text)) return Number(text)
      return /^[+-]?(nan|inf(inity)?)$/i.test(text) ? Number.NaN : text
    case 'bool':
      return text === 'true' || text === 'false' ? text === 'true' : text
    case 'string':
      return text
    case 'timestamp':
      return numberPattern.test(text) ? Number(text) : text
  }
}

/** SQL that is true for a typed value, never null, that the schema allows: the rules of `data/quality/read-value.ts`. */
export function isAllowed(column: string, { type, min, max, scale = 0, maxLength, oneOf }: DataType): string {
  const range = [
    ...(min === undefined ? [] : [`${column} >= ${sqlNumber(min)}`]),
    ...(max === undefined ? [] : [`${column} <= ${sqlNumber(max)}`]),
  ]
  const safe = `abs(${column}) <= ${Number.MAX_SAFE_INTEGER}`
  const all = (...conditions: string[]) => conditions.join(' AND ')
  switch (type) {
    case 'int':
    case 'timestamp':
      return all(`isfinite(${column})`, safe, `${column} = trunc(${column})`, ...range)
    case 'number':
      return all(
        `isfinite(${column})`,
        `(${column} = 0 OR abs(${column}) BETWEEN ${sqlNumber(SMALLEST_NUMBER)} AND ${sqlNumber(LARGEST_NUMBER)})`,
        ...range,
      )
    case 'decimal': {
      const number = `${column} / ${sqlNumber(10 ** scale)}`
      const inUnits = [
        ...(min === undefined ? [] : [`${number} >= ${sqlNumber(min)}`]),
        ...(max === undefined ? [] : [`${number} <= ${sqlNumber(max)}`]),
      ]
      return all(`isfinite(${column})`, safe, ...inUnits)
    }
    case 'bool':
      return 'true'
    case 'string': {
      // A text has at least as many bytes as UTF-16 units; units are characters, and one more for each above U+FFFF.
      const units = `length(${column}) + length(regexp_replace(${column}, '[^\\x{10000}-\\x{10FFFF}]', '', 'g'))`
      // Both sides of an OR would be computed for every text.
      const isShort = `CASE WHEN strlen(${column}) <= ${maxLength} THEN true ELSE ${units} <= ${maxLength} END`
      const fits = maxLength === undefined ? [] : [isShort]
      const allowed = oneOf === undefined ? [] : [`${column} IN (${oneOf.map(sqlText).join(', ')})`]
      return all('true', ...fits, ...allowed)
    }
  }
}

/** A typed and allowed value as the lake keeps it. */
export function asLakeValue(column: string, { type }: DataType): string {
  switch (type) {
    case 'int':
    case 'timestamp':
    case 'decimal':
      return `${column}::BIGINT`
    case 'number':
      // -0 is 0.
      return `CASE WHEN ${column} = 0 THEN 0::DOUBLE ELSE ${column} END`
    case 'bool':
    case 'string':
      return column
  }
}

function sqlNumber(value: number): string {
  return `'${value}'::DOUBLE`
}

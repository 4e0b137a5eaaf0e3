import { datasetKeys, type FilterAttribute, type FilterEntity, type FilterSpace } from './filter-space.ts'
import {
  expectSymbol,
  isClosing,
  isDot,
  isDoubleQuoted,
  keyword,
  readTokens,
  type TokenReader,
} from './token-reader.ts'
import { type FilterText, filterError } from './tokens.ts'

const orderings = ['=', '!=', '<', '<=', '>', '>='] as const
const likenesses = ['LIKE', 'ILIKE'] as const

export type Comparator =
  | (typeof orderings)[number]
  | (typeof likenesses)[number]
  | 'IN'
  | 'NOT IN'
  | 'IS NULL'
  | 'IS NOT NULL'

/** One comparison of a filter. */
export interface Condition {
  readonly entity: FilterEntity
  /** Of an attribute what its space calls it. */
  readonly key: string
  readonly comparator: Comparator
  /** A list for `IN` and `NOT IN`, null for `IS NULL` and `IS NOT NULL`; text or number as the key is. */
  readonly value: string | number | readonly string[] | null
}

/** What results are ordered by. */
export interface OrderTerm {
  readonly entity: FilterEntity
  readonly key: string
  readonly ascending: boolean
}

const LONGEST_FILTER = 1_000_000
const LONGEST_PATTERN = 1000
/** Of what follows a wildcard: it is tried at each place of a text, and the work grows with its length. */
const LONGEST_PART = 250
const MOST_CONDITIONS = 100

/**
 * Reads a filter of the tracking protocol: comparisons `entity.key operator value`, joined by AND. A key may stand
 * between backticks or double quotes; without an entity it is an attribute. Metrics are compared with numbers, others
 * with quoted texts; `LIKE` minds case and `ILIKE` does not; some take a list, and some `IS NULL`.
 * @param space what is searched
 * @throws TruelineError `invalid_filter` with the place of the mistake
 * @example parseFilter("metrics.auc > 0.8 AND params.`max depth` = '6'", runSpace)
 */
export function parseFilter(text: string | undefined, space: FilterSpace): readonly Condition[] {
  if (text === undefined || text.trim() === '') return []
  if (text.length > LONGEST_FILTER)
    throw filterError(`it has more than ${LONGEST_FILTER} characters`, LONGEST_FILTER, 'filter')
  const reader = readTokens(text, 'filter')
  const conditions: Condition[] = []
  skipAnds(reader)
  do {
    conditions.push(readCondition(reader, space))
    const token = reader.peek()
    if (!skipAnds(reader) && token.kind !== 'end')
      throw reader.fail(`expected AND and found ${token.written}${onlyAnd(keyword(token))}`, token.at)
    if (conditions.length > MOST_CONDITIONS)
      throw reader.fail(`it has more than ${MOST_CONDITIONS} comparisons`, token.at)
  } while (reader.peek().kind !== 'end')
  return conditions
}

function onlyAnd(word: string | undefined): string {
  return word === 'OR' ? ': comparisons are joined by AND only' : ''
}

/** One AND too many means nothing, as in a filter that was put together of parts. */
function skipAnds(reader: TokenReader): boolean {
  let found = false
  while (keyword(reader.peek()) === 'AND') {
    reader.next()
    found = true
  }
  return found
}

/**
 * Reads what results are ordered by: keys as in a filter, each with ASC (as without) or DESC.
 * @throws TruelineError `invalid_filter` with the place of the mistake, and for a key that comes twice
 */
export function parseOrder(texts: readonly string[] | undefined, space: FilterSpace): readonly OrderTerm[] {
  return refuseTwice((texts ?? []).map((text) => readOrder(text, space)))
}

function refuseTwice(terms: readonly OrderTerm[]): readonly OrderTerm[] {
  for (const [index, { entity, key }] of terms.entries())
    if (terms.slice(0, index).some((term) => term.entity === entity && term.key === key))
      throw filterError(`the order names ${entity} '${key}' twice`, 1, 'order_by')
  return terms
}

/**
 * A term of an order whose key stands alone, without quotes, as some calls have it.
 * @throws TruelineError `invalid_filter` for a key that results cannot be ordered by
 */
export function orderTerm(field: string, ascending: boolean, space: FilterSpace): OrderTerm {
  const dot = field.indexOf('.')
  const attribute = dot === -1 ? own(space.attributes, field) : undefined
  if (attribute !== undefined && attribute.orders !== false)
    return { entity: 'attribute', key: attribute.key, ascending }
  const entity = dot === -1 ? undefined : own(space.entities, field.slice(0, dot))
  if (entity === undefined || !space.orders.includes(entity))
    throw filterError(`${space.of} cannot be ordered by '${field}'`, 1, 'order_by')
  return { entity, key: field.slice(dot + 1), ascending }
}

function readOrder(text: string, space: FilterSpace): OrderTerm {
  const reader = readTokens(text, 'order_by')
  const term = readTerm(reader, space)
  if (reader.peek().kind !== 'end') throw reader.fail('an order is a key with ASC or DESC', reader.peek().at)
  return term
}

function readTerm(reader: TokenReader, space: FilterSpace): OrderTerm {
  const at = reader.peek().at
  const { entity, key, attribute } = readKey(reader, space)
  const orders = attribute === undefined ? space.orders.includes(entity) : attribute.orders !== false
  if (!orders) throw reader.fail(`${space.of} cannot be ordered by ${entity} '${key}'`, at)
  const direction = keyword(reader.peek())
  if (direction === 'ASC' || direction === 'DESC') reader.next()
  return { entity, key, ascending: direction !== 'DESC' }
}

/**
 * Reads an order in one text: its terms with commas between them.
 * @throws TruelineError `invalid_filter`, as `parseOrder`
 * @example parseOrderText('metrics.auc DESC, start_time', runSpace)
 */
export function parseOrderText(text: string | undefined, space: FilterSpace): readonly OrderTerm[] {
  return refuseTwice(readSeparated(text, 'order_by', (reader) => readTerm(reader, space)))
}

/**
 * Reads keys as a filter has them, with commas between them.
 * @throws TruelineError `invalid_filter`
 * @example parseKeys('metrics.auc, params.`max depth`', runSpace)
 */
export function parseKeys(
  text: string | undefined,
  space: FilterSpace,
): readonly { readonly entity: FilterEntity; readonly key: string }[] {
  return readSeparated(text, 'columns', (reader) => {
    const { entity, key } = readKey(reader, space)
    return { entity, key }
  })
}

function readSeparated<T>(text: string | undefined, what: FilterText, read: (reader: TokenReader) => T): readonly T[] {
  if (text === undefined || text.trim() === '') return []
  const reader = readTokens(text, what)
  const items = [read(reader)]
  while (reader.peek().kind !== 'end') {
    const { kind, text: symbol, written, at } = reader.peek()
    if (what === 'order_by' && (kind !== 'symbol' || symbol !== ','))
      throw reader.fail(`expected ASC, DESC or a comma and found ${written}`, at)
    expectSymbol(reader, reader.next(), ',')
    items.push(read(reader))
  }
  return items
}

interface Key {
  readonly entity: FilterEntity
  readonly key: string
  /** Of an attribute alone. */
  readonly attribute: FilterAttribute | undefined
}

function readKey(reader: TokenReader, space: FilterSpace): Key {
  const first = reader.next()
  if (first.kind !== 'name' && !isDoubleQuoted(first))
    throw reader.fail(`expected a key such as metrics.auc and found ${first.written}`, first.at)
  const parts: string[] = []
  while (isDot(reader.peek())) {
    reader.next()
    const part = reader.next()
    if ((part.kind !== 'name' && part.kind !== 'string') || part.spaced)
      throw reader.fail(`expected the rest of a key and found ${part.written}`, part.at)
    parts.push(part.text)
  }
  const entity = parts.length === 0 ? 'attribute' : own(space.entities, first.text)
  if (entity === undefined) {
    const names = [...new Set(Object.values(space.entities))].join(', ')
    throw reader.fail(`'${first.text}' is not one of ${names}`, first.at)
  }
  const key = parts.length === 0 ? first.text : parts.join('.')
  if (entity === 'dataset' && !datasetKeys.includes(key))
    throw reader.fail(`a dataset has no '${key}', but ${datasetKeys.join(', ')}`, first.at)
  if (entity !== 'attribute') return { entity, key, attribute: undefined }
  const attribute = own(space.attributes, key)
  if (attribute === undefined) {
    const names = [...new Set(Object.values(space.attributes).map((known) => known.key))].join(', ')
    throw reader.fail(`${space.of} have no attribute '${key}', but ${names}`, first.at)
  }
  return { entity, key: attribute.key, attribute }
}

function readCondition(reader: TokenReader, space: FilterSpace): Condition {
  const at = reader.peek().at
  const { entity, key, attribute } = readKey(reader, space)
  if (attribute?.filters === false) throw reader.fail(`${space.of} cannot be filtered by '${key}'`, at)
  const place = reader.peek()
  const comparator = readComparator(reader)
  const numeric = entity === 'metric' || attribute?.type === 'number'
  const listed = attribute === undefined ? space.lists.includes(entity) : attribute.list === true
  const known: readonly Comparator[] = numeric
    ? orderings
    : [
        ...(['=', '!=', ...likenesses] as const),
        ...(listed ? (['IN', 'NOT IN'] as const) : []),
        ...(space.nullable.includes(entity) ? (['IS NULL', 'IS NOT NULL'] as const) : []),
      ]
  if (!known.includes(comparator))
    throw reader.fail(`${entity} '${key}' is not compared by ${comparator}, but by ${known.join(', ')}`, place.at)
  if (comparator === 'IS NULL' || comparator === 'IS NOT NULL') return { entity, key, comparator, value: null }
  if (comparator === 'IN' || comparator === 'NOT IN') return { entity, key, comparator, value: readList(reader) }
  if (numeric) return { entity, key, comparator, value: readNumber(reader, key) }
  const value = readText(reader, key, comparator)
  return {
    entity,
    key,
    comparator,
    value: attribute?.capitals === true && !comparator.endsWith('LIKE') ? value.toUpperCase() : value,
  }
}

function readComparator(reader: TokenReader): Comparator {
  const token = reader.next()
  const word = token.kind === 'symbol' ? token.text : keyword(token)
  if ((orderings as readonly (string | undefined)[]).includes(word)) return word as Comparator
  if (word === 'LIKE' || word === 'ILIKE' || word === 'IN') return word
  if (word === 'NOT' && keyword(reader.peek()) === 'IN') {
    reader.next()
    return 'NOT IN'
  }
  if (word === 'IS') {
    const not = keyword(reader.peek()) === 'NOT'
    if (not) reader.next()
    const last = reader.next()
    if (keyword(last) === 'NULL') return not ? 'IS NOT NULL' : 'IS NULL'
    throw reader.fail(`expected NULL and found ${last.written}`, last.at)
  }
  throw reader.fail(`expected an operator such as = or LIKE and found ${token.written}`, token.at)
}

function readNumber(reader: TokenReader, key: string): number {
  const token = reader.next()
  if (token.kind === 'number') return Number(token.text)
  throw reader.fail(`'${key}' is compared with a number, and found ${token.written}`, token.at)
}

function readText(reader: TokenReader, key: string, comparator: Comparator): string {
  const token = reader.next()
  if (token.kind !== 'string')
    throw reader.fail(`'${key}' is compared with a text between quotes, and found ${token.written}`, token.at)
  if (comparator.endsWith('LIKE') && token.text.length > LONGEST_PATTERN)
    throw reader.fail(`a pattern has at most ${LONGEST_PATTERN} characters`, token.at)
  const [, ...parts] = comparator.endsWith('LIKE') ? token.text.split('%') : []
  if (parts.some((part) => part.length > LONGEST_PART))
    throw reader.fail(`after a % a pattern has at most ${LONGEST_PART} characters up to the next`, token.at)
  return token.text
}

function readList(reader: TokenReader): readonly string[] {
  const values: string[] = []
  expectSymbol(reader, reader.next(), '(')
  for (;;) {
    const token = reader.next()
    if (token.kind !== 'string')
      throw reader.fail(`a list holds texts between quotes, and found ${token.written}`, token.at)
    values.push(token.text)
    const separator = reader.next()
    if (separator.kind === 'symbol' && separator.text === ',' && !isClosing(reader.peek())) continue
    if (separator.kind === 'symbol' && separator.text === ',') reader.next()
    else expectSymbol(reader, separator, ')')
    return values
  }
}

function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}

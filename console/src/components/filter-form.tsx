import { type ReactNode, useState } from 'react'
import { changeQuery } from '../route.ts'
import { readTime, writeTime } from '../time/range.ts'
import { fromWall, toWall } from '../time/zone.ts'

/** One thing that a table can be narrowed by: its name in the address, and what it is called. */
export interface FilterField {
  readonly name: string
  readonly label: string
  /** A text unless told; a time is read and written by the clock of the chosen zone. */
  readonly kind?: 'text' | 'time'
  readonly placeholder?: string
  /** What there is to choose from, where that is known. */
  readonly options?: readonly string[]
}

interface FilterFormProps {
  readonly fields: readonly FilterField[]
  readonly zone: string
  readonly query: URLSearchParams
}

/**
 * What the address narrows a table by.
 * @param names members of the address that narrow it, among them `from` and `to`
 * @returns `asked` as it stands in the address, without times that cannot be read, and `filter` as the platform takes it, with times in microseconds
 */
export function askedOf(
  query: URLSearchParams,
  names: readonly string[],
): {
  readonly asked: Readonly<Record<string, string>>
  readonly filter: Readonly<Record<string, string | number | undefined>>
} {
  const asked = Object.fromEntries(
    names.flatMap((name) => (query.has(name) && !isUnread(name, query) ? [[name, query.get(name) ?? '']] : [])),
  )
  return { asked, filter: { ...asked, from: readTime(query.get('from')), to: readTime(query.get('to')) } }
}

function isUnread(name: string, query: URLSearchParams): boolean {
  return (name === 'from' || name === 'to') && query.has(name) && readTime(query.get(name)) === undefined
}

/** Narrows a table, with what it is narrowed by in the address; Enter in any field shows it. */
export function FilterForm({ fields, zone, query }: FilterFormProps): ReactNode {
  const asked = fields.map(({ name }) => query.get(name) ?? '').join('\n')
  // Another address begins with what it says.
  return <Form key={`${asked} ${zone}`} fields={fields} zone={zone} query={query} />
}

function Form({ fields, zone, query }: FilterFormProps): ReactNode {
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>(() =>
    Object.fromEntries(fields.map((field) => [field.name, shownText(field, query, zone)])),
  )
  const show = (given: Readonly<Record<string, string>>): void =>
    changeQuery(Object.fromEntries(fields.map((field) => [field.name, askedText(field, given, zone)])), 'push')
  const isNarrowed = fields.some(({ name }) => query.has(name))
  const unread = fields.filter(({ name }) => isUnread(name, query)).map(({ name }) => `'${query.get(name)}'`)
  return (
    <form
      className="search filters"
      onSubmit={(event) => {
        event.preventDefault()
        show(texts)
      }}
    >
      {fields.map((field) => (
        <Field
          key={field.name}
          field={field}
          text={texts[field.name] ?? ''}
          onText={(text) => setTexts({ ...texts, [field.name]: text })}
          onChoice={(text) => show({ ...texts, [field.name]: text })}
        />
      ))}
      <button type="submit">Show</button>
      {isNarrowed && (
        <button type="button" onClick={() => show({})}>
          Show all
        </button>
      )}
      {unread.length > 0 && (
        <span role="status">
          {unread.join(' and ')} {unread.length === 1 ? 'is no time, and narrows' : 'are no times, and narrow'} nothing:
          one is written as 2001-02-01T12:00:00Z.
        </span>
      )}
    </form>
  )
}

interface FieldProps {
  readonly field: FilterField
  readonly text: string
  readonly onText: (text: string) => void
  readonly onChoice: (text: string) => void
}

function Field({ field: { label, kind, placeholder, options }, text, onText, onChoice }: FieldProps): ReactNode {
  if (options !== undefined)
    return (
      <label>
        {label}{' '}
        <select value={text} onChange={(event) => onChoice(event.target.value)}>
          <option value="">all</option>
          {withShown(options, text).map((option) => (
            <option key={option}>{option}</option>
          ))}
        </select>
      </label>
    )
  const isTime = kind === 'time'
  return (
    <label>
      {label}{' '}
      <input
        type={isTime ? 'datetime-local' : 'search'}
        className={isTime ? 'time' : 'short'}
        value={text}
        placeholder={placeholder}
        onChange={(event) => onText(event.target.value)}
      />
    </label>
  )
}

/** What an address may name need not be among what is there. */
function withShown(options: readonly string[], shown: string): readonly string[] {
  return shown === '' || options.includes(shown) ? options : [shown, ...options]
}

function shownText({ name, kind }: FilterField, query: URLSearchParams, zone: string): string {
  const asked = query.get(name)
  if (kind !== 'time') return asked ?? ''
  const time = readTime(asked)
  return time === undefined ? '' : new Date(toWall(time, zone) / 1000).toISOString().slice(0, 16)
}

function askedText(
  { name, kind }: FilterField,
  texts: Readonly<Record<string, string>>,
  zone: string,
): string | undefined {
  const text = texts[name]?.trim() ?? ''
  if (text === '') return undefined
  if (kind !== 'time') return text
  const wall = Date.parse(`${text}Z`) * 1000
  return Number.isFinite(wall) ? writeTime(fromWall(wall, zone)) : undefined
}

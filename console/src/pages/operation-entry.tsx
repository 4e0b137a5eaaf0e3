import { type ReactNode, useId } from 'react'
import { breakable } from '../components/breakable.tsx'
import { Command } from '../components/command.tsx'
import { curlOf } from '../schema/curl.ts'
import { type Field, fieldsOf, wordsOf } from '../schema/fields.ts'
import type { OpenApi, Operation } from '../schema/openapi.ts'

interface OperationEntryProps {
  readonly operation: Operation
  readonly schemas: OpenApi['components']['schemas']
  readonly isOpen: boolean
  readonly onToggle: (open: boolean) => void
}

/** One operation: what it does, and once it is opened what it takes, what it answers, and a command line that asks it. */
export function OperationEntry({ operation, schemas, isOpen, onToggle }: OperationEntryProps): ReactNode {
  const id = useId()
  const { method, path, summary } = operation
  return (
    <li>
      <button type="button" aria-expanded={isOpen} aria-controls={id} onClick={() => onToggle(!isOpen)}>
        <span className="method">{method}</span>
        <code>{breakable(path)}</code>
        <span className="summary">{summary}</span>
      </button>
      <div id={id} hidden={!isOpen}>
        {isOpen && <Details operation={operation} schemas={schemas} />}
      </div>
    </li>
  )
}

function Details({ operation, schemas }: Pick<OperationEntryProps, 'operation' | 'schemas'>): ReactNode {
  const { parameters, requestBody, responses } = operation
  const given = parameters.map(({ name, required, schema }) => {
    const field = { path: name, says: wordsOf(schema, schemas), required }
    return schema.description === undefined ? field : { ...field, description: schema.description }
  })
  const body = requestBody?.content['application/json'].schema
  const answer = responses['200']?.content?.['application/json'].schema
  return (
    <div className="details">
      <Fields title="In the address" fields={given} />
      <Fields title="In the body, as JSON" fields={body === undefined ? [] : fieldsOf(body, schemas)} />
      <Fields title="In the answer" fields={answer === undefined ? [] : fieldsOf(answer, schemas)} isAnswer />
      <Command line={curlOf(operation, schemas, location.origin)} />
    </div>
  )
}

interface FieldsProps {
  readonly title: string
  readonly fields: readonly Field[]
  readonly isAnswer?: boolean
}

function Fields({ title, fields, isAnswer = false }: FieldsProps): ReactNode {
  if (fields.length === 0) return null
  const presence = isAnswer ? 'Present' : 'Needed'
  return (
    <div className="tablebox">
      <table>
        <caption>{title}</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">{presence}</th>
            <th scope="col" className="wide">
              What it is
            </th>
          </tr>
        </thead>
        <tbody>
          {fields.map(({ path, says, required, description }) => (
            <tr key={path}>
              <td data-head="Name">
                <code>{breakable(path)}</code>
              </td>
              <td data-head={presence}>{required ? (isAnswer ? 'always' : 'yes') : isAnswer ? 'may be' : 'no'}</td>
              <td className="wide" data-head="What it is">
                {breakable(says)}
                {description !== undefined && description !== '' && <span className="under">{description}</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

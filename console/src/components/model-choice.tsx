import type { ReactNode } from 'react'
import { changeQuery } from '../route.ts'

/** Of which model, or of all: kept in the address. */
export function ModelChoice({ models, model }: { models: readonly string[]; model: string | undefined }): ReactNode {
  const unknown = model !== undefined && !models.includes(model)
  return (
    <label className="choice">
      Model{' '}
      <select value={model ?? ''} onChange={(event) => changeQuery({ model: event.target.value || undefined }, 'push')}>
        <option value="">all</option>
        {unknown && <option>{model}</option>}
        {models.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  )
}

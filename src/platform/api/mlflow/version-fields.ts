import type { Stage } from '../../../models/registry/stage-rows.ts'
import { type Fields, mistake, requiredText } from './fields.ts'

const stages: readonly Stage[] = ['None', 'Staging', 'Production', 'Archived']

/** The number of a version, which travels as a text. */
export function versionNumber(fields: Fields): number {
  const version = requiredText(fields, 'version')
  if (/^\d{1,15}$/.test(version)) return Number(version)
  throw mistake('version', `Parameter 'version' must be an integer, got '${version}'.`)
}

/** A stage by its name, whatever its case. */
export function stageNamed(name: string): Stage {
  const found = stages.find((stage) => stage.toLowerCase() === name.toLowerCase())
  if (found !== undefined) return found
  throw mistake('stage', `Invalid Model Version stage: ${name}. Value must be one of ${stages.join(', ')}.`)
}

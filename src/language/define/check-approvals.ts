import type { ModelDefinition } from './definitions.ts'
import type { Mistakes } from './mistakes.ts'

/** Checks who approves versions of a model, and which of its aliases are protected. */
export function checkApprovals({ approvals, protectedAliases, retrain }: ModelDefinition, mistakes: Mistakes): void {
  for (const alias of protectedAliases ?? [])
    if (!/^[\w-]+$/.test(alias))
      mistakes.add('definition_invalid', 'protectedAliases', `'${alias}' is no alias: letters, digits, _ and - are.`)
  if (approvals === undefined) return
  const { needed, of, reasons } = approvals
  const people = new Set(of.map((name) => name.normalize('NFKC').trim().toLowerCase()))
  if (people.size < of.length || people.has(''))
    mistakes.add('definition_invalid', 'approvals.of', 'A name is empty, or there twice.', 'Name each person once.')
  if (!Number.isInteger(needed) || needed < 1 || needed > of.length)
    mistakes.add('definition_invalid', 'approvals.needed', `It is a whole number from 1 to ${of.length}, of them.`)
  if (reasons !== undefined && reasons !== 'required')
    mistakes.add('definition_invalid', 'approvals.reasons', `It says 'required' or nothing, not '${String(reasons)}'.`)
  if (retrain.approval === 'auto')
    mistakes.add(
      'definition_invalid',
      'retrain.approval',
      "People approve this model, so its retraining cannot: approval is 'ask'.",
    )
}

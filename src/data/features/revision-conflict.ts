import type { RowFault } from '../quality/row-reader.ts'

/** Why a row is refused whose id and revision came before with other content. */
export const revisionConflict: RowFault = {
  code: 'revision_conflict',
  reason: 'An event with this id and revision came before with other content.',
}

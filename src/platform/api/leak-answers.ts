import type { LeakReportOfRows } from '../../models/training/leaks/leak-finding.ts'

/** What a search for leaks in the rows of a model came to. */
export interface LeakAnswer extends LeakReportOfRows {
  readonly model: string
  readonly variant: 'full' | 'without_windows'
}

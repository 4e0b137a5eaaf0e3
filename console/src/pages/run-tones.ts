/** How the status of a run looks. */
export const runTones = {
  FINISHED: 'ok',
  FAILED: 'failing',
  KILLED: 'warning',
  RUNNING: 'none',
  SCHEDULED: 'none',
} as const

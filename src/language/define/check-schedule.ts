import { Cron } from 'croner'

/** Whether a text is a cron expression. */
export function isCron(schedule: string): boolean {
  try {
    new Cron(schedule, { paused: true })
    return true
  } catch {
    return false
  }
}

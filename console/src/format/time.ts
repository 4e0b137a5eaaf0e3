import { DAY, HOUR, MINUTE, SECOND, toWall } from '../time/zone.ts'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** The name of a wall time's month: `Mar`. */
export function monthOf(wall: number): string {
  return MONTHS[new Date(wall / 1000).getUTCMonth()] as string
}

/** A wall time's day: `14 Mar`. */
export function dayOf(wall: number): string {
  return `${new Date(wall / 1000).getUTCDate()} ${monthOf(wall)}`
}

/** A wall time's hour and minute: `09:24`. */
export function clockOf(wall: number): string {
  return new Date(wall / 1000).toISOString().slice(11, 16)
}

/** A time in a zone, to the minute: `14 Mar 2001 09:24`. */
export function formatTime(time: number, zone: string): string {
  const wall = toWall(time, zone)
  return `${dayOf(wall)} ${new Date(wall / 1000).getUTCFullYear()} ${clockOf(wall)}`
}

/** A time in a zone, to the second: `14 Mar 2001 09:24:59`. */
export function formatSecond(time: number, zone: string): string {
  return `${formatTime(time, zone)}:${new Date(toWall(time, zone) / 1000).toISOString().slice(17, 19)}`
}

/** A window of time in a zone, said briefly: `14 Mar`, `14 Mar 09:00–10:00`, `14 Mar – 20 Mar`, `14 Mar 21:00 + 6 h`. */
export function formatWindow(from: number, to: number, zone: string): string {
  const [start, end] = [toWall(from, zone), toWall(to, zone)]
  const wholeDays = start % DAY === 0 && end % DAY === 0
  if (wholeDays && end - start === DAY) return dayOf(start)
  if (wholeDays) return `${dayOf(start)} – ${dayOf(end - DAY)}`
  const sameDay = Math.floor(start / DAY) === Math.floor((end - 1) / DAY)
  if (sameDay) return `${dayOf(start)} ${clockOf(start)}–${end % DAY === 0 ? '24:00' : clockOf(end)}`
  return `${dayOf(start)} ${clockOf(start)} + ${formatDuration(to - from)}`
}

/** A length of time in its two largest units: `3 d 4 h`, `12 min`, `40 s`, `180 ms`. */
export function formatDuration(length: number): string {
  if (length > 0 && length < SECOND) return `${Math.max(1, Math.round(length / 1000))} ms`
  if (length < MINUTE) return `${Math.max(0, Math.round(length / SECOND))} s`
  if (length < HOUR) return `${Math.floor(length / MINUTE)} min`
  const days = Math.floor(length / DAY)
  const hours = Math.floor((length % DAY) / HOUR)
  if (days > 0) return hours > 0 && days < 10 ? `${days} d ${hours} h` : `${days} d`
  const minutes = Math.floor((length % HOUR) / MINUTE)
  return minutes > 0 ? `${hours} h ${minutes} min` : `${hours} h`
}

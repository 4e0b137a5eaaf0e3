import { Fragment, type ReactNode, useContext } from 'react'
import { asCalled } from '../called-as.ts'
import { formatTime } from '../format/time.ts'
import { readTime } from '../time/range.ts'
import { ZoneContext } from '../time/zone-context.ts'
import { breakable } from './breakable.tsx'

/** A sentence of the platform: what stands between backticks is code, and a command is as it can be typed. */
export function sentence(text: string): ReactNode {
  return text.split(/`([^`]+)`/).map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have no other identity
    <Fragment key={index}>{index % 2 === 0 ? plain(part) : <code>{breakable(asCalled(part))}</code>}</Fragment>
  ))
}

/** The platform writes times as machines do; here they are as all others of the console. */
function plain(text: string): ReactNode {
  return text.split(/(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/).map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: as above
    <Fragment key={index}>{index % 2 === 0 ? breakable(part) : <Moment text={part} />}</Fragment>
  ))
}

function Moment({ text }: { text: string }): ReactNode {
  const zone = useContext(ZoneContext)
  const time = readTime(text)
  return <time dateTime={text}>{time === undefined ? text : formatTime(time, zone)}</time>
}

import { Fragment, type ReactNode } from 'react'
import { asCalled } from '../called-as.ts'
import { breakable } from './breakable.tsx'

/** A sentence of the platform: what stands between backticks is code, and a command is as it can be typed. */
export function sentence(text: string): ReactNode {
  return text.split(/`([^`]+)`/).map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have no other identity
    <Fragment key={index}>{index % 2 === 0 ? breakable(part) : <code>{breakable(asCalled(part))}</code>}</Fragment>
  ))
}

import { createContext } from 'react'

/** The zone that times within sentences are shown in: what stands in a table is told its zone by its page. */
export const ZoneContext = createContext('UTC')

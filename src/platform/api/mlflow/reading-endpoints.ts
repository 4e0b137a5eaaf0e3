import { chartEndpoints } from './chart-endpoints.ts'
import type { SearchEndpoint } from './endpoint.ts'
import { searchEndpoints } from './search-endpoints.ts'

/** Every call that changes nothing and may take long: another thread can answer it. */
export const readingEndpoints: readonly SearchEndpoint[] = [...searchEndpoints, ...chartEndpoints]

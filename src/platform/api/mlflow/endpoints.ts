import type { Endpoint, SearchEndpoint } from './endpoint.ts'
import { experimentEndpoints } from './experiment-endpoints.ts'
import { loggedModelEndpoints } from './logged-model-endpoints.ts'
import { modelVersionEndpoints } from './model-version-endpoints.ts'
import { readingEndpoints } from './reading-endpoints.ts'
import { registeredModelEndpoints } from './registered-model-endpoints.ts'
import { runEndpoints } from './run-endpoints.ts'

/** Every call of the protocol that carries JSON. */
export const endpoints: readonly (Endpoint | SearchEndpoint)[] = [
  ...experimentEndpoints,
  ...runEndpoints,
  ...loggedModelEndpoints,
  ...readingEndpoints,
  ...registeredModelEndpoints,
  ...modelVersionEndpoints,
]

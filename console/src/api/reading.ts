import { keepPreviousData, type UseQueryResult, useQuery } from '@tanstack/react-query'
import { ApiError, getJson } from './client.ts'

type Asked = string | number | boolean | undefined

const AGAIN = 5_000

/** Milliseconds until what could not be read is asked for again: as long as nobody answers, or what answers is in trouble. */
export function askAgain(error: unknown): number | false {
  return error instanceof ApiError && (error.code === 'unreachable' || error.status >= 500) ? AGAIN : false
}

/**
 * Reads what the platform answers at a path, again and again; what was read before stays until the new answer is there.
 *
 * @param query members of the address; what is undefined is left out
 * @param poll milliseconds until the next reading; false where what was read never changes
 */
export function useReading<T>(
  path: string,
  query: Readonly<Record<string, Asked>>,
  poll: number | false,
  isEnabled = true,
): UseQueryResult<T, ApiError> {
  const asked = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))
  const address = asked.length === 0 ? path : `${path}?${new URLSearchParams(asked)}`
  return useQuery<T, ApiError>({
    queryKey: [address],
    queryFn: ({ signal }) => getJson(address, signal),
    enabled: isEnabled,
    ...(poll === false ? {} : { refetchInterval: poll }),
    placeholderData: keepPreviousData,
  })
}

import { keepPreviousData, type UseQueryResult, useQuery } from '@tanstack/react-query'
import { type ApiError, getJson } from './client.ts'

type Asked = string | number | boolean | undefined

/**
 * Reads what the platform answers at a path, again and again; what was read before stays until the new answer is there.
 *
 * @param query members of the address; what is undefined is left out
 * @param poll milliseconds until the next reading; false where it is read once
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
    refetchInterval: poll,
    placeholderData: keepPreviousData,
  })
}

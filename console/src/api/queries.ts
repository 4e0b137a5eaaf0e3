import { keepPreviousData, type UseQueryResult, useQuery } from '@tanstack/react-query'
import type {
  AlertPage,
  CatalogueDetail,
  CataloguePage,
  ComparisonAnswer,
  DeadLetterDetail,
  DeadLetterPage,
  Fleet,
  LineageAnswer,
  ModelHealth,
  ModelVersionPage,
  RunDetail,
  RunPage,
  RunStepsAnswer,
  StreamQuality,
  TraceAnswer,
} from '../../../src/platform/api/contract.ts'
import type { OpenApi } from '../schema/openapi.ts'
import { type ApiError, getJson } from './client.ts'

const WHILE_REHEARSING = 1_000
const OTHERWISE = 10_000

/** Milliseconds until the next reading: every second while a rehearsal runs, every ten seconds otherwise. */
export function pollInterval(fleet: Fleet | undefined): number {
  return (fleet?.progress?.done ?? 1) < 1 ? WHILE_REHEARSING : OTHERWISE
}

/** The fleet, polled; every page reads it, for the clock and the progress of a rehearsal. */
export function useFleet(): UseQueryResult<Fleet, ApiError> {
  return useQuery<Fleet, ApiError>({
    queryKey: ['fleet'],
    queryFn: ({ signal }) => getJson('api/v1/fleet', signal),
    refetchInterval: (query) => pollInterval(query.state.data),
  })
}

/** A prediction back to what it was made from, with what moved its score; it never changes. */
export function useTrace(prediction: string): UseQueryResult<TraceAnswer, ApiError> {
  return useQuery<TraceAnswer, ApiError>({
    queryKey: ['trace', prediction],
    queryFn: ({ signal }) => getJson(`api/v1/predictions/${encodeURIComponent(prediction)}/trace`, signal),
    staleTime: Number.POSITIVE_INFINITY,
  })
}

/**
 * The stretch of time to show, in microseconds: between two times, the last so much of the platform's time, all of it, or,
 * where nothing is said, what the platform chooses.
 */
export type HealthRange =
  | { readonly from?: number; readonly to?: number }
  | { readonly last: number }
  | { readonly all: true }

export interface FeaturePage {
  readonly features: number
  readonly offset: number
}

/** The health of a model; what was read before stays until the new answer is there. */
export function useModelHealth(
  model: string,
  range: HealthRange,
  page: FeaturePage,
  fleet: Fleet | undefined,
): UseQueryResult<ModelHealth, ApiError> {
  const now = fleet?.now
  return useQuery<ModelHealth, ApiError>({
    queryKey: ['health', model, range, page],
    queryFn: ({ signal }) => getJson(healthPath(model, range, page, now), signal),
    enabled: !('last' in range) || now !== undefined,
    refetchInterval: pollInterval(fleet),
    placeholderData: keepPreviousData,
  })
}

/** The path that reads a model's health; `now` is the platform's time, which the last so much is counted from. */
export function healthPath(model: string, range: HealthRange, page: FeaturePage, now: number | undefined): string {
  const query = new URLSearchParams()
  const { from, to } =
    'last' in range
      ? { from: (now ?? 0) - range.last, to: now }
      : 'all' in range
        ? { from: undefined, to: undefined }
        : range
  if ('all' in range) query.set('all', 'true')
  if (from !== undefined) query.set('from', String(from))
  if (to !== undefined) query.set('to', String(to))
  query.set('features', String(page.features))
  query.set('offset', String(page.offset))
  return `api/v1/models/${encodeURIComponent(model)}/health?${query}`
}

/** One page of the alerts that are open, of all models. */
export function useOpenAlerts(limit: number, offset: number, poll: number): UseQueryResult<AlertPage, ApiError> {
  return useQuery<AlertPage, ApiError>({
    queryKey: ['alerts', limit, offset],
    queryFn: ({ signal }) => getJson(`api/v1/alerts?open=true&limit=${limit}&offset=${offset}`, signal),
    refetchInterval: poll,
    placeholderData: keepPreviousData,
  })
}

/** One page of a model's versions, newest first. */
export function useVersions(
  model: string,
  limit: number,
  offset: number,
  poll: number,
): UseQueryResult<ModelVersionPage, ApiError> {
  return useQuery<ModelVersionPage, ApiError>({
    queryKey: ['versions', model, limit, offset],
    queryFn: ({ signal }) =>
      getJson(`api/v1/models/${encodeURIComponent(model)}/versions?limit=${limit}&offset=${offset}`, signal),
    refetchInterval: poll,
    placeholderData: keepPreviousData,
  })
}

/** A stream's last verdicts and one page of its columns. */
export function useStreamQuality(
  stream: string,
  limit: number,
  offset: number,
  poll: number,
): UseQueryResult<StreamQuality, ApiError> {
  return useQuery<StreamQuality, ApiError>({
    queryKey: ['quality', stream, limit, offset],
    queryFn: ({ signal }) =>
      getJson(`api/v1/streams/${encodeURIComponent(stream)}/quality?limit=${limit}&offset=${offset}`, signal),
    refetchInterval: poll,
    placeholderData: keepPreviousData,
  })
}

/** Which dead letters; all where nothing is said. */
export interface DeadLetterFilter {
  readonly stream?: string
  readonly code?: string
  readonly state?: string
}

/** One page of dead letters, newest first. */
export function useDeadLetters(
  filter: DeadLetterFilter,
  limit: number,
  offset: number,
  poll: number,
): UseQueryResult<DeadLetterPage, ApiError> {
  const query = new URLSearchParams({ ...filter, limit: String(limit), offset: String(offset) })
  return useQuery<DeadLetterPage, ApiError>({
    queryKey: ['deadletters', filter, limit, offset],
    queryFn: ({ signal }) => getJson(`api/v1/deadletters?${query}`, signal),
    refetchInterval: poll,
    placeholderData: keepPreviousData,
  })
}

/** One dead letter with its history. */
export function useDeadLetter(letter: number, poll: number): UseQueryResult<DeadLetterDetail, ApiError> {
  return useQuery<DeadLetterDetail, ApiError>({
    queryKey: ['deadletter', letter],
    queryFn: ({ signal }) => getJson(`api/v1/deadletters/${letter}`, signal),
    refetchInterval: poll,
  })
}

/** One page of the catalogue of features; all of them where nothing is searched for. */
export function useCatalogue(
  search: string,
  limit: number,
  offset: number,
  poll: number,
): UseQueryResult<CataloguePage, ApiError> {
  const query = new URLSearchParams({
    ...(search === '' ? {} : { search }),
    limit: String(limit),
    offset: String(offset),
  })
  return useQuery<CataloguePage, ApiError>({
    queryKey: ['features', search, limit, offset],
    queryFn: ({ signal }) => getJson(`api/v1/features?${query}`, signal),
    refetchInterval: poll,
    placeholderData: keepPreviousData,
  })
}

/** One feature of the catalogue, by its id. */
export function useFeature(feature: string, poll: number): UseQueryResult<CatalogueDetail, ApiError> {
  return useQuery<CatalogueDetail, ApiError>({
    queryKey: ['feature', feature],
    queryFn: ({ signal }) => getJson(`api/v1/features/${encodeURIComponent(feature)}`, signal),
    refetchInterval: poll,
  })
}

export interface RunsQuery {
  /** Of one experiment; of all where undefined. */
  readonly experiment: string | undefined
  readonly filter: string
  readonly order: string
  readonly columns: readonly string[]
  readonly limit: number
  /** What the page before gave; undefined for the first. */
  readonly cursor: string | undefined
}

/** A page of runs; what was read before stays until the new answer is there. */
export function useRuns({
  experiment,
  filter,
  order,
  columns,
  limit,
  cursor,
}: RunsQuery): UseQueryResult<RunPage, ApiError> {
  const query = new URLSearchParams({
    ...(experiment === undefined ? {} : { experiment }),
    ...(filter === '' ? {} : { filter }),
    ...(order === '' ? {} : { order_by: order }),
    ...(cursor === undefined ? {} : { cursor }),
    columns: columns.join(','),
    limit: String(limit),
  })
  return useQuery<RunPage, ApiError>({
    queryKey: ['runs', experiment, filter, order, cursor],
    queryFn: ({ signal }) => getJson(`api/v1/runs?${query}`, signal),
    refetchInterval: cursor === undefined ? OTHERWISE : false,
    placeholderData: keepPreviousData,
  })
}

/** One run with all that it says. */
export function useRun(run: string): UseQueryResult<RunDetail, ApiError> {
  return useQuery<RunDetail, ApiError>({
    queryKey: ['run', run],
    queryFn: ({ signal }) => getJson(`api/v1/runs/${encodeURIComponent(run)}`, signal),
    refetchInterval: (query) => (query.state.data?.endedAt === undefined ? WHILE_REHEARSING : false),
  })
}

/** The steps of a training, read again while it goes on. */
export function useRunSteps(training: string): UseQueryResult<RunStepsAnswer, ApiError> {
  return useQuery<RunStepsAnswer, ApiError>({
    queryKey: ['steps', training],
    queryFn: ({ signal }) => getJson(`api/v1/runs/${encodeURIComponent(training)}/steps`, signal),
    refetchInterval: (query) => (query.state.data?.status === 'running' ? WHILE_REHEARSING : false),
  })
}

/** Where some runs differ. */
export function useComparison(runs: readonly string[]): UseQueryResult<ComparisonAnswer, ApiError> {
  return useQuery<ComparisonAnswer, ApiError>({
    queryKey: ['comparison', runs],
    queryFn: ({ signal }) => getJson(`api/v1/run-comparison?runs=${runs.map(encodeURIComponent).join(',')}`, signal),
    placeholderData: keepPreviousData,
  })
}

/** What something was made from and what was made from it; nothing is asked for an empty name. */
export function useLineage(of: string): UseQueryResult<LineageAnswer, ApiError> {
  return useQuery<LineageAnswer, ApiError>({
    queryKey: ['lineage', of],
    queryFn: ({ signal }) => getJson(`api/v1/lineage?most=2000&of=${encodeURIComponent(of)}`, signal),
    enabled: of !== '',
  })
}

/** What can be asked over HTTP. */
export function useOpenApi(poll: number): UseQueryResult<OpenApi, ApiError> {
  return useQuery<OpenApi, ApiError>({
    queryKey: ['openapi'],
    queryFn: ({ signal }) => getJson('openapi.json', signal),
    refetchInterval: poll,
  })
}

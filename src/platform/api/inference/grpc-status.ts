import type { TruelineError } from '../../../core/errors.ts'

/** Status codes of gRPC that are given here: https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
export const grpcStatus = {
  ok: 0,
  cancelled: 1,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
} as const

const byHttpStatus: Readonly<Record<number, number>> = {
  400: grpcStatus.invalidArgument,
  403: grpcStatus.permissionDenied,
  404: grpcStatus.notFound,
  409: grpcStatus.failedPrecondition,
  413: grpcStatus.resourceExhausted,
  429: grpcStatus.resourceExhausted,
  501: grpcStatus.unimplemented,
  503: grpcStatus.unavailable,
  504: grpcStatus.deadlineExceeded,
  507: grpcStatus.resourceExhausted,
}

/** The status of gRPC that goes with an error. */
export function statusOfError({ status }: TruelineError): number {
  return byHttpStatus[status] ?? grpcStatus.internal
}

/** A text as a header carries it: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md, Percent-Encoded. */
export function percentEncoded(text: string): string {
  return Buffer.from(text)
    .toString('latin1')
    .replace(/[^\x20-\x24\x26-\x7e]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
}

const unitsInMs: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 }

const LONGEST_MS = 3_600_000

/** Milliseconds that a header `grpc-timeout` grants, at most an hour; undefined for what is no timeout. */
export function timeoutOf(header: string): number | undefined {
  const [, digits, unit] = /^(\d{1,8})([HMSmun])$/.exec(header) ?? []
  return digits === undefined ? undefined : Math.min(Number(digits) * unitsInMs[unit!]!, LONGEST_MS)
}

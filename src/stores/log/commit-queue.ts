import { Worker } from 'node:worker_threads'
import { TruelineError } from '../../core/errors.ts'
import { workerUrl } from '../../core/worker-url.ts'
import type { LogEntry, LogRequest, LogResponse, LogWorkerData } from './log-messages.ts'
import { createSpareBuffers } from './spare-buffers.ts'

/** Messages on their way to the writer: enough that it never waits for the owner's next turn. */
const MOST_IN_FLIGHT = 2
/** Bytes of buffers that are kept to be used again: enough for what is committed at a time under load. */
const MOST_SPARE = 2 ** 23

interface Waiter {
  readonly ticket: number
  resolve(): void
  reject(error: TruelineError): void
}

interface Message {
  readonly ticket: number
  readonly bytes: number
}

/**
 * The way to the log's writer: entries are committed in the order in which they were enqueued, and the first failure is
 * the last commit.
 */
export class CommitQueue {
  /** Buffers to be transferred are taken from here, and come back when what they hold is on disk. */
  readonly spare = createSpareBuffers(MOST_SPARE)
  readonly #worker: Worker
  readonly #limit: number
  #pending: LogEntry[] = []
  #transfers: ArrayBuffer[] = []
  #pendingBytes = 0
  #inFlight: Message[] = []
  #enqueued = 0
  #committed = 0
  #waiters: Waiter[] = []
  #room: (() => void)[] = []
  #failure: TruelineError | undefined
  readonly #ended: Promise<void>
  #closed = false

  /** @param limit bytes that may be under way before `ready` waits */
  constructor(data: LogWorkerData, limit: number) {
    this.#limit = limit
    this.#worker = new Worker(workerUrl(import.meta.url, './log-worker.ts'), { workerData: data })
    this.#worker.on('message', (response: LogResponse) => this.#receive(response))
    this.#worker.on('error', (cause) => {
      this.fail(new TruelineError('log_unavailable', `The log's writer failed: ${cause.message}`, { cause }))
    })
    this.#ended = new Promise((resolve) => this.#worker.on('exit', () => resolve()))
  }

  /** What made the log unusable, if anything did. */
  get failure(): TruelineError | undefined {
    return this.#failure
  }

  /**
   * Adds entries that must be committed together and gives their ticket.
   * @param bytes about how much memory they hold
   * @param transfers buffers of theirs that nobody else uses
   * @throws TruelineError `log_unavailable`, `disk_full` once a commit has failed
   */
  enqueue(entries: readonly LogEntry[], bytes: number, transfers: readonly ArrayBuffer[] = []): number {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#closed) throw new TruelineError('platform_stopped', 'The log is closed.')
    this.#pending.push(...entries)
    this.#transfers.push(...transfers)
    this.#pendingBytes += bytes
    this.#enqueued += 1
    this.#post()
    return this.#enqueued
  }

  /** Resolves when the entries of a ticket, and all before them, are on disk. */
  durable(ticket: number): Promise<void> {
    if (ticket <= this.#committed) return Promise.resolve()
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    return new Promise((resolve, reject) => {
      this.#waiters.push({ ticket, resolve, reject })
    })
  }

  /** Resolves when everything enqueued so far is on disk. */
  drained(): Promise<void> {
    return this.durable(this.#enqueued)
  }

  /** Resolves when less than the limit is under way; rejects once a commit has failed. */
  async ready(): Promise<void> {
    while (this.#failure === undefined && this.#bytes() > this.#limit)
      await new Promise<void>((resolve) => this.#room.push(resolve))
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Commits what is pending and ends the writer; of a log that has failed it only ends the writer. */
  async close(): Promise<void> {
    this.#closed = true
    if (this.#failure === undefined) await this.drained()
    this.#worker.postMessage({ kind: 'close' } satisfies LogRequest)
    await this.#ended
  }

  #bytes(): number {
    return this.#inFlight.reduce((sum, { bytes }) => sum + bytes, this.#pendingBytes)
  }

  #post(): void {
    if (this.#pending.length === 0 || this.#inFlight.length >= MOST_IN_FLIGHT) return
    const message: LogRequest = { kind: 'commit', ticket: this.#enqueued, entries: this.#pending }
    this.#inFlight.push({ ticket: this.#enqueued, bytes: this.#pendingBytes })
    this.#worker.postMessage(message, this.#transfers)
    this.#pending = []
    this.#transfers = []
    this.#pendingBytes = 0
  }

  #receive(response: LogResponse): void {
    if (response.kind === 'failed')
      this.fail(new TruelineError(response.code, `The log cannot be written: ${response.message}.`))
    if (response.kind !== 'committed') return
    for (const buffer of response.buffers) this.spare.give(buffer)
    this.#committed = response.ticket
    this.#inFlight = this.#inFlight.filter(({ ticket }) => ticket > response.ticket)
    const waiters = this.#waiters
    this.#waiters = waiters.filter(({ ticket }) => ticket > response.ticket)
    for (const waiter of waiters) if (waiter.ticket <= response.ticket) waiter.resolve()
    this.#post()
    if (this.#bytes() <= this.#limit) for (const resume of this.#room.splice(0)) resume()
  }

  /** Refuses everything from now on, unless it does already; gives what made it so. */
  fail(error: TruelineError): TruelineError {
    this.#failure ??= error
    this.#pending = []
    this.#transfers = []
    for (const waiter of this.#waiters.splice(0)) waiter.reject(this.#failure)
    for (const resume of this.#room.splice(0)) resume()
    return this.#failure
  }
}

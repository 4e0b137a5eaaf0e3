/** What a code says of itself: what happened, its HTTP status, and what to do about it. */
export interface ErrorMeaning {
  readonly what: string
  readonly status: number
  readonly remedy: string
}

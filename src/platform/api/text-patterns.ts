/** A text that says what something is by its content. */
export const DIGEST_PATTERN = '^sha256:[0-9a-f]{64}$'
/** A reference of an image that names it by its digest. */
export const IMAGE_PATTERN = '^[^@\\s]{1,400}@sha256:[0-9a-f]{64}$'

/** What a text must be that does not match a pattern, in words; undefined of other patterns. */
export function patternWords(pattern: string | RegExp): string | undefined {
  if (pattern === DIGEST_PATTERN)
    return 'must be a digest: sha256: and 64 hexadecimal digits (0-9, a-f), as `trueline models show MODEL VERSION` prints it'
  if (pattern === IMAGE_PATTERN)
    return "must be a reference by digest: NAME@sha256: and 64 hexadecimal digits (0-9, a-f), as docker push prints it and `docker image inspect --format '{{index .RepoDigests 0}}' NAME` afterwards"
  return undefined
}

/** Extensions of plain text, and names that have none. */
const texts = new Set([
  ...[
    'txt',
    'log',
    'err',
    'cfg',
    'conf',
    'cnf',
    'cf',
    'ini',
    'properties',
    'prop',
    'hocon',
    'toml',
    'yaml',
    'yml',
    'xml',
  ],
  ...['json', 'js', 'py', 'py3', 'csv', 'tsv', 'md', 'rst', 'ipynb', 'MLmodel', 'MLproject', 'mlproject'],
])
const types = new Map([
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['gif', 'image/gif'],
  ['webp', 'image/webp'],
  ['pdf', 'application/pdf'],
])

/** The type of a file by its name: text, a picture, or bytes; what a browser would run is bytes. */
function typeOf(name: string): string {
  const extension = /\.([^.]*)$/.exec(name)?.[1] ?? name
  return texts.has(extension) ? 'text/plain' : (types.get(extension.toLowerCase()) ?? 'application/octet-stream')
}

/**
 * The headers of a file that is given away: it is saved under its name, and never shown as a page of ours, whatever it holds.
 * @param name without folders
 * Source: RFC 6266
 */
export function attachmentHeaders(name: string): Readonly<Record<string, string>> {
  const ascii = name.normalize('NFKD').replaceAll(/[^\x20-\x7e]/g, '') || 'download'
  const plain = /^[\w!#$&+.^`|~-]+$/.test(ascii) ? ascii : `"${ascii.replaceAll(/["\\]/g, '\\$&')}"`
  const whole = ascii === name ? '' : `; filename*=UTF-8''${encodeURIComponent(name)}`
  return {
    'content-type': typeOf(name),
    'content-disposition': `attachment; filename=${plain}${whole}`,
    'x-content-type-options': 'nosniff',
  }
}

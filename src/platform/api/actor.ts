/** Who acts. Before logins exist a name is asserted (`--as`), and recorded as such. */
export interface Actor {
  readonly name: string
}

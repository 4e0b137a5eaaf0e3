/** What is left of a whole number, which may be negative as times before 1970 are: from 0 to below `modulus`. */
export function modulo(value: number, modulus: number): number {
  const rest = value % modulus
  return rest < 0 ? rest + modulus : rest
}

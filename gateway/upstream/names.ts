// Names of cookies as a policy writes them: whole, or the beginning with a `*` at the end.

/** Whether a cookie's name is one of these; `DW*` is every name that begins with `DW`. Case-sensitive (RFC 6265 §5.3). */
export function namedBy(patterns: readonly string[]): (name: string) => boolean {
  const whole = new Set(patterns.filter((pattern) => !pattern.endsWith('*')));
  const beginnings = patterns.filter((pattern) => pattern.endsWith('*')).map((pattern) => pattern.slice(0, -1));
  return (name) => whole.has(name) || beginnings.some((beginning) => name.startsWith(beginning));
}

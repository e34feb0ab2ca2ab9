// Which request targets are passed on.

/**
 * Whether a target is a path that can be sent byte for byte. In absolute form the app may look at another host than the one
 * that was judged (RFC 9112 §3.2.2).
 */
export function isPath(target: string | undefined): target is string {
  return target?.startsWith('/') === true && !/[^\x21-\xff]/.test(target);
}

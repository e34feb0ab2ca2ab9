// A configuration that nobody changes.

/** Freezes it to the bottom. Lists and plain objects only: a BlockList is not ours to freeze. */
export function deeplyFrozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype) return value;
  Object.values(value).forEach(deeplyFrozen);
  return Object.freeze(value);
}

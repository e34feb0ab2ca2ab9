// For what says that it cannot be done by throwing, where it makes no difference why.

/** What `work` answers, or undefined where it throws. */
export function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

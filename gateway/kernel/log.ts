// The log as every room sees it: an event name that stays the same, and facts beside it. No cookie value, SAML
// message, key or attribute value goes in; a NameID goes only into the audit log.

/** What stands beside an event. */
export type LogFacts = Readonly<Record<string, unknown>>;

/** Takes log lines; never throws and never waits. */
export interface Log {
  /** `event` is a stable kebab-case name; `facts` must be serialisable. */
  debug(event: string, facts?: LogFacts): void;
  info(event: string, facts?: LogFacts): void;
  warn(event: string, facts?: LogFacts): void;
  error(event: string, facts?: LogFacts): void;
}

/** Swallows everything; for tests and for commands that print for people. */
export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

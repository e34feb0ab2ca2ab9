// How long and how much: the short form takes minutes on a machine that does nothing else, the full one an hour or two.

/** What one run of the benchmark does. */
export interface Plan {
  readonly name: 'short' | 'full';
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
  /** Live sessions, from few to many. */
  readonly sessions: readonly number[];
  /** Peers look through their sessions one by one, or sign in slowly: beyond this they are left out. */
  readonly peerSessions: number;
  readonly webSockets: number;
  /** Messages of each kind. */
  readonly messages: number;
}

export const SHORT: Plan = {
  name: 'short',
  rounds: 5,
  seconds: 2,
  connections: 64,
  sessions: [1, 1000],
  peerSessions: 1000,
  webSockets: 500,
  messages: 200,
};

export const FULL: Plan = {
  name: 'full',
  rounds: 7,
  seconds: 6,
  connections: 64,
  sessions: [1, 1000, 10_000, 100_000],
  peerSessions: 10_000,
  webSockets: 5000,
  messages: 1000,
};

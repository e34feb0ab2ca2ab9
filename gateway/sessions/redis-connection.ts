// The one connection to Redis, and the one that listens: never a queue that grows while Redis is away, no command that is sent
// twice, and every failure with a code.

import { Cluster, Redis, type ClusterOptions, type RedisOptions } from 'ioredis';
import type { CurfewError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import type { RedisAddress } from './redis-address.ts';
import { redisFailure } from './redis-failure.ts';
import { SCRIPTS, SHA1S, type ScriptName } from './redis-scripts.ts';
import { sessionsError } from './codes.ts';

/** How Redis is reached. */
export interface RedisConnectionOptions {
  readonly address: RedisAddress;
  /** PEM texts. */
  readonly ca?: string | undefined;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  /** Of the Sentinels, where they ask for one. */
  readonly sentinelPassword?: string | undefined;
  /** No answer within this is none. */
  readonly commandTimeoutMs: number;
  /** Replicas that must have a write that closes something; 0 waits for none. */
  readonly waitReplicas: number;
  readonly log: Log;
}

/** What can be sent. */
export type RedisValue = string | number | Buffer;

const BACKOFF_MS = { first: 50, most: 2000 } as const;

/** Redis, connected as soon as it can be. Every call rejects with a code of this room, and at once where there is no connection. */
export class RedisConnection {
  readonly #client: Redis | Cluster;
  readonly #options: RedisConnectionOptions;
  #listening: Redis | Cluster | undefined;
  /** Why the last attempt to connect failed; undefined while there is a connection. */
  #reason: CurfewError | undefined = sessionsError('SESSIONS_REDIS_UNREACHABLE', { detail: { reason: 'connecting' } });
  #isClosed = false;

  constructor(options: RedisConnectionOptions) {
    this.#options = options;
    this.#client = this.#open();
    this.#client.on('ready', () => (this.#reason = undefined));
    this.#client.on('error', (cause: Error) => this.#failed(cause));
    this.#client.on('end', () => (this.#reason ??= sessionsError('SESSIONS_REDIS_UNREACHABLE')));
  }

  /** Resolves with the first connection; rejects with the reason where an attempt fails before that. Asked at once, or it may miss it. */
  connected(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#client.once('ready', resolve);
      this.#client.once('error', (cause: Error) => reject(redisFailure(cause)));
    });
  }

  /** Calls `listener` whenever there is a connection anew. */
  onReady(listener: () => void): void {
    this.#client.on('ready', listener);
    if (this.#client.status === 'ready') listener();
  }

  /** Hears what is published on a channel, as long as there is a connection; what is said meanwhile is lost. */
  listen(channel: string, heard: (message: string) => void): void {
    const client = this.#open();
    this.#listening = client;
    client.on('error', () => {}); // the other connection has the same reason, and says it
    client.on('message', (_channel: string, message: string) => heard(message));
    const subscribe = (): void => void client.subscribe(channel).catch((cause: unknown) => this.#failed(cause));
    client.on('ready', subscribe);
  }

  /** Runs a script; byte strings come back as Buffers. */
  async run(script: ScriptName, keys: readonly string[], values: readonly RedisValue[]): Promise<unknown> {
    const parameters = [keys.length, ...keys, ...values];
    try {
      return await this.#client.callBuffer('EVALSHA', SHA1S.get(script) ?? '', ...parameters);
    } catch (cause) {
      if (!(cause instanceof Error && cause.message.startsWith('NOSCRIPT'))) throw this.#failure(cause);
    }
    return this.call('EVAL', SCRIPTS[script], ...parameters);
  }

  /** One command; byte strings come back as Buffers. */
  async call(command: string, ...values: readonly RedisValue[]): Promise<unknown> {
    try {
      return await this.#client.callBuffer(command, ...values);
    } catch (cause) {
      throw this.#failure(cause);
    }
  }

  /** Resolves when as many replicas as wanted have all that was written here until now; rejects where they do not in time. */
  async replicated(): Promise<void> {
    const { waitReplicas, commandTimeoutMs } = this.#options;
    if (waitReplicas === 0) return;
    const replicas = await this.call('WAIT', waitReplicas, Math.floor(commandTimeoutMs / 2));
    if (Number(replicas) >= waitReplicas) return;
    throw sessionsError('SESSIONS_STORE_UNAVAILABLE', { detail: { replicas, wanted: waitReplicas } });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#listening?.disconnect();
    this.#client.disconnect();
  }

  #open(): Redis | Cluster {
    const { address, sentinelPassword, commandTimeoutMs } = this.#options;
    const { hosts, mode, tls, username, password, db, master } = address;
    const secured = tls ? { tls: this.#tls() } : {};
    const patience = (times: number): number => Math.min(BACKOFF_MS.first * 2 ** Math.min(times, 10), BACKOFF_MS.most);
    const shared = {
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...secured,
      commandTimeout: commandTimeoutMs,
      connectTimeout: 2 * commandTimeoutMs,
      // A connection over which nothing comes back is given up, and not only the one command.
      socketTimeout: 2 * commandTimeoutMs,
      maxRetriesPerRequest: 0,
      // Sent twice, an ending would answer the second time that there is nothing to end.
      autoResendUnfulfilledCommands: false,
      autoResubscribe: false,
      // After a failover the former master answers until it is told that it is none.
      reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
      keepAlive: 5000,
    } satisfies RedisOptions;
    if (mode === 'cluster') {
      const options = {
        redisOptions: shared,
        enableOfflineQueue: false,
        lazyConnect: true,
        clusterRetryStrategy: patience,
        slotsRefreshTimeout: 2 * commandTimeoutMs,
      } satisfies ClusterOptions;
      return begun(
        new Cluster(
          hosts.map(({ host, port }) => ({ host, port })),
          options,
        ),
      );
    }
    const single = { ...shared, db, enableOfflineQueue: false, lazyConnect: true, retryStrategy: patience };
    const [{ host, port } = { host: 'localhost', port: 6379 }] = hosts;
    if (mode === 'single') return begun(new Redis({ ...single, host, port }));
    const behind = {
      sentinels: [...hosts],
      name: master,
      sentinelRetryStrategy: patience,
      failoverDetector: true,
      ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
      ...(tls ? { enableTLSForSentinelMode: true, sentinelTLS: this.#tls() } : {}),
    } satisfies RedisOptions;
    return begun(new Redis({ ...single, ...behind }));
  }

  #tls(): NonNullable<RedisOptions['tls']> {
    const { ca, certificate, key } = this.#options;
    return {
      ...(ca === undefined ? {} : { ca }),
      ...(certificate === undefined ? {} : { cert: certificate }),
      ...(key === undefined ? {} : { key }),
    };
  }

  /** Said once for each reason, not at every attempt. */
  #failed(cause: unknown): void {
    if (this.#isClosed) return;
    const error = redisFailure(cause);
    if (error.code !== this.#reason?.code || 'reason' in this.#reason.detail) {
      this.#options.log.error('store-away', {
        code: error.code,
        cause: String(error.cause ?? cause),
        remedy: error.remedy,
      });
    }
    this.#reason = error;
  }

  /** Where there is no connection the reason is why there is none. */
  #failure(cause: unknown): CurfewError {
    return this.#client.status === 'ready' || this.#reason === undefined ? redisFailure(cause) : this.#reason;
  }
}

/** Begins to connect; a failure is heard by the listener for errors, and tried again. */
function begun<T extends Redis | Cluster>(client: T): T {
  client.connect().catch(() => {});
  return client;
}

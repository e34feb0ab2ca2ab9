// What happened to people's sessions, told once and in one shape, whoever listens (the audit file, metrics, tests).

import type { EndReason } from './words.ts';

/** One thing that happened. `nameId` appears here and in no other log. */
export type AuditEvent =
  | {
      readonly event: 'sign-in';
      readonly idp: string;
      readonly nameId: string;
      readonly session: string;
      readonly messageId: string;
    }
  | {
      /** The identity provider was asked again about a session, and it goes on. */
      readonly event: 'proven';
      readonly idp: string;
      readonly nameId: string;
      readonly session: string;
      readonly messageId: string;
    }
  | {
      readonly event: 'refused';
      /** What was refused: `SAMLRequest`, `SAMLResponse`, or `message` where it could not be read that far. */
      readonly what: string;
      /** The check that refused it. */
      readonly code: string;
      /** What the check found, where one check refuses for several reasons. */
      readonly reason?: string | undefined;
      /** The identity provider the message names; only `signed` says that it is from there. */
      readonly idp?: string | undefined;
      readonly signed?: boolean | undefined;
      readonly messageId?: string | undefined;
      readonly app?: string | undefined;
    }
  | {
      /** Somebody who is signed in was refused a page. */
      readonly event: 'access-denied';
      readonly code: string;
      readonly app: string;
      readonly idp: string;
      readonly nameId: string;
      readonly session: string;
      readonly method: string;
      /** Without its query. */
      readonly path: string;
    }
  | SummedUp
  | {
      readonly event: 'administrator';
      /** By what they showed: `loopback` where they came from this machine with no token, `saml` where they were signed in. */
      readonly by: 'loopback' | 'token' | 'saml';
      /** Who it was, where they were signed in. */
      readonly administrator?: { readonly idp: string; readonly nameId: string; readonly session: string } | undefined;
      readonly action: 'end-session' | 'end-person';
      readonly idp?: string | undefined;
      readonly nameId?: string | undefined;
      readonly session?: string | undefined;
      readonly sessionsEnded: number;
    }
  | {
      /** What the gateway goes by is another than before. */
      readonly event: 'configuration';
      readonly what: 'started' | 'reloaded' | 'metadata' | 'certificates';
      /** What asked for it, where it was reloaded. */
      readonly by?: 'signal' | 'files' | 'administrator' | undefined;
      /** What is different, where it was reloaded: names of apps and identity providers, and keys of gateway.yaml. */
      readonly apps?: Different | undefined;
      readonly identityProviders?: Different | undefined;
      readonly settings?: readonly string[] | undefined;
      readonly idp?: string | undefined;
      /** SHA-256 over what was concluded, so that two starts can be compared. */
      readonly digest?: string | undefined;
    }
  | {
      readonly event: 'session-ended';
      readonly reason: EndReason;
      readonly idp: string;
      readonly nameId: string;
      readonly session: string;
      readonly connectionsCut: number;
      /** Which apps were told, with `told` or the reason why an app may not know. */
      readonly goodbyes: readonly { readonly app: string; readonly outcome: string }[];
      /** Until its connections were cut, on this node and on all that serve it. */
      readonly cutMilliseconds: number;
      /** Until its apps were told. */
      readonly milliseconds: number;
    }
  | {
      readonly event: 'logout-request';
      readonly idp: string;
      readonly nameId: string;
      readonly messageId: string;
      readonly binding: string;
      readonly repeated: boolean;
      readonly sessionsEnded: number;
      /** Where nobody was meant: living sessions whose NameID differs by letter case only. */
      readonly sessionsAlike?: number | undefined;
      readonly connectionsCut: number;
      readonly goodbyes: readonly { readonly app: string; readonly outcome: string }[];
      /** Until the last connection was cut; absent where nothing was ended. */
      readonly cutMilliseconds?: number | undefined;
      /** Until the answer. */
      readonly milliseconds: number;
      /** What the identity provider was told; `unavailable`: to try again (503). */
      readonly status: 'success' | 'partial' | 'unavailable';
    };

/** So many more of the same were not written one by one since then: whoever sends what is refused must not fill a disk. */
export interface SummedUp {
  readonly event: 'summed-up';
  /** What they would have been. */
  readonly of: 'refused' | 'access-denied';
  readonly times: number;
  /** When the first of them came, in UTC. */
  readonly since: string;
  readonly code: string;
  readonly what?: string | undefined;
  readonly idp?: string | undefined;
  readonly signed?: boolean | undefined;
  readonly app?: string | undefined;
  readonly nameId?: string | undefined;
  readonly session?: string | undefined;
}

/** Names that are there and were not, that stand for something else, and that are gone. */
interface Different {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** Takes audit lines. */
export interface Audit {
  /** Never throws and never waits: an audit line must not hold up a logout. `at` is added by the listener. */
  record(event: AuditEvent, requestId?: string, traceId?: string): void;
  /** Why lines cannot be written at present. */
  trouble?(): string | undefined;
}

/** Tells all of them, in their order. */
export const toAll = (...audits: readonly Audit[]): Audit => ({
  record: (event, requestId, traceId) => {
    for (const audit of audits) audit.record(event, requestId, traceId);
  },
});

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
      readonly event: 'session-ended';
      readonly reason: EndReason;
      readonly idp: string;
      readonly nameId: string;
      readonly session: string;
      readonly connectionsCut: number;
      /** Which apps were told, with `told` or the reason why an app may not know. */
      readonly goodbyes: readonly { readonly app: string; readonly outcome: string }[];
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
      readonly connectionsCut: number;
      readonly milliseconds: number;
      readonly status: string;
    };

/** Takes audit lines. */
export interface Audit {
  /** Never throws and never waits: an audit line must not hold up a logout. `at` is added by the listener. */
  record(event: AuditEvent, requestId?: string): void;
}

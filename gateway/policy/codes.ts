// Every reason for which this room refuses a request. The public texts never list hosts, rules or rights.

import { errorsOf, type Codes } from '../kernel/errors.ts';

/** The codes of this room. */
export const POLICY_CODES = {
  PATH_AMBIGUOUS: {
    status: 400,
    publicMessage: 'This address can be read in more than one way and is not accepted.',
    meaning:
      'The path holds something that applications read differently: a dot segment in any encoding, a backslash, a control character, broken UTF-8, too many layers of encoding; or its readings belong to different apps.',
    remedy:
      'Usually an attack or a scanner. If a legitimate link does this, write the path plainly: no `..`, no `\\`, no doubly encoded characters.',
  },
  HOST_UNKNOWN: {
    status: 404,
    publicMessage: 'There is no application at this address.',
    meaning: 'No app claims the Host that was asked for, or none claims this path on it.',
    remedy:
      'Compare the address with `hosts` and `path` in the files of the apps; the log has the host that was asked for. Behind a proxy: does it pass on Host, or is it in trustedProxies and sends X-Forwarded-Host?',
  },
  ACCESS_DENIED: {
    status: 403,
    publicMessage: 'You are not allowed to use this address.',
    meaning: 'The first rule of `access` that matches the path and method does not allow this person.',
    remedy:
      'Compare the attributes or NameID of the person with `access` in the file of the app; `curfew policies test` tries rules (docs/policies.md).',
  },
  NO_RULE: {
    status: 403,
    publicMessage: 'You are not allowed to use this address.',
    meaning:
      'No rule of `access` matches the path and method (or the one that `X-HTTP-Method-Override` or `_method` names), and what nothing allows is refused.',
    remedy: 'Add a rule to `access`, such as `{ allow: authenticated }` at the end.',
  },
} as const satisfies Codes;

/** A refusal by this room. */
export const refusePolicy = errorsOf(POLICY_CODES);

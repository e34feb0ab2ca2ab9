// Decides, with a reason, whether a person may make a request. What is not allowed is refused; of several readings the
// strictest wins.

import type { EpochMs, Identity, SignInDemand } from '../kernel/words.ts';
import { matches, segmentsOf } from './glob.ts';
import type { Methods } from './method.ts';
import { everyReading, type Readings } from './path.ts';
import type { Allow } from './settings.ts';
import { foldPath, type CompiledApp, type CompiledRule } from './table.ts';

/** Whether a request may pass, and why. `anyone`: it may pass without a session. */
export type Decision =
  | { readonly outcome: 'pass'; readonly reason: Exclude<Allow['kind'], 'nobody'> }
  | { readonly outcome: 'sign-in' }
  /** The person may, once they have signed in as the rules want it. */
  | ({ readonly outcome: 'step-up' } & SignInDemand)
  | { readonly outcome: 'forbidden'; readonly code: 'ACCESS_DENIED' | 'NO_RULE' };

const SIGN_IN: Decision = { outcome: 'sign-in' };
const DENIED: Decision = { outcome: 'forbidden', code: 'ACCESS_DENIED' };
const NO_RULE: Decision = { outcome: 'forbidden', code: 'NO_RULE' };

/**
 * Judges every reading of path and method, as written and without regard to capitals, by the first rule that matches it, and returns
 * the strictest outcome. Somebody who signed in at an identity provider that is none of the app's is a stranger here.
 */
export function decide(
  compiled: CompiledApp,
  read: Readings,
  methods: Methods,
  identity: Identity | undefined,
  now: EpochMs,
): Decision {
  const person = identity && compiled.app.identityProviders.includes(identity.idp) ? identity : undefined;
  let strictest: Decision | undefined;
  let wanted: readonly string[] | undefined;
  let force = false;
  for (const path of everyReading(read)) {
    for (const rule of rulesFor(compiled, path, methods)) {
      const decision = judge(rule, person, now);
      if (strictest === undefined || strictness(decision) > strictness(strictest)) strictest = decision;
      if (rule?.authnContext !== undefined) wanted = bothWant(wanted, rule.authnContext);
      if (decision.outcome === 'step-up' && decision.force) force = true;
    }
  }
  if (strictest?.outcome !== 'step-up') return strictest ?? NO_RULE;
  // All at once, also what is fulfilled already: who signs in anew may do so in another way.
  return wanted?.length === 0 ? DENIED : { outcome: 'step-up', contexts: wanted ?? [], force };
}

/** The first rule that matches the path as written, and the first that matches it folded. */
function rulesFor(compiled: CompiledApp, path: string, methods: Methods): (CompiledRule | undefined)[] {
  if (typeof methods !== 'string') return methods.flatMap((method) => rulesFor(compiled, path, method));
  const { rules, foldsAlike } = compiled;
  const method = methods;
  const segments = segmentsOf(path);
  const exact = rules.find((rule) => applies(rule, rule.patterns, segments, method));
  const folded = foldPath(path);
  if (foldsAlike && folded === path) return [exact];
  const foldedSegments = segmentsOf(folded);
  return [exact, rules.find((rule) => applies(rule, rule.foldedPatterns, foldedSegments, method))];
}

function applies(
  rule: CompiledRule,
  patterns: CompiledRule['patterns'],
  segments: readonly string[],
  method: string,
): boolean {
  if (rule.methods?.has(method) === false) return false;
  return patterns?.some((pattern) => matches(pattern, segments)) ?? true;
}

function judge(rule: CompiledRule | undefined, person: Identity | undefined, now: EpochMs): Decision {
  if (rule === undefined) return NO_RULE;
  const { allow } = rule;
  if (allow.kind === 'nobody') return DENIED;
  if (allow.kind === 'anyone') return { outcome: 'pass', reason: 'anyone' };
  if (person === undefined) return SIGN_IN;
  if (!isAllowed(allow, person)) return DENIED;
  const contexts = rule.authnContext;
  const isOther = contexts !== undefined && !contexts.includes(person.authnContext ?? '');
  const force = rule.forceAuthnAfterMs !== undefined && !isFresh(person, rule.forceAuthnAfterMs, now);
  if (isOther || force) return { outcome: 'step-up', contexts: contexts ?? [], force };
  return { outcome: 'pass', reason: allow.kind };
}

/** Whether somebody signed in, by their identity provider's clock, no longer ago than this. A clock that is set back makes nothing fresh. */
export const isFresh = ({ authnInstant }: Pick<Identity, 'authnInstant'>, withinMs: number, now: EpochMs): boolean =>
  Math.abs(now - authnInstant) < withinMs;

function isAllowed(allow: Allow, person: Identity): boolean {
  if (allow.kind === 'attributes') {
    return allow.required.every(([name, values]) =>
      (person.attributes.get(name) ?? []).some((value) => values.includes(value)),
    );
  }
  return allow.kind === 'nameIds' ? allow.values.includes(person.nameId.value) : allow.kind === 'authenticated';
}

/** What every reading wants: were they asked for one after the other, the person would be sent to and fro without end. */
const bothWant = (a: readonly string[] | undefined, b: readonly string[]): readonly string[] =>
  a === undefined ? b : a.filter((context) => b.includes(context));

/** No over perhaps over yes; and a yes that asks for a person over one that does not. */
function strictness(decision: Decision): number {
  if (decision.outcome === 'forbidden') return 5;
  if (decision.outcome === 'sign-in') return 4;
  if (decision.outcome === 'step-up') return 3;
  return decision.reason === 'anyone' ? 1 : 2;
}

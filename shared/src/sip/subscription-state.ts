import { err, ok, type Result } from '../result.ts';
import { parseExpires } from './expires.ts';
import { bytesOf, endOfToken, skipSpace } from './grammar.ts';
import { type Parameters, parseParameters } from './parameters.ts';
import type { SipFault } from './sip-fault.ts';

/** How a subscription stands, in a NOTIFY (RFC 6665 §4.1.3, §8.2.3). */
export interface SubscriptionState {
  /** Lower case: `active`, `pending`, `terminated`, or one yet unknown. */
  readonly state: string;
  /** Lower case. */
  readonly reason?: string;
  readonly expires?: number;
  readonly retryAfter?: number;
  readonly parameters: Parameters;
}

/** Reads a Subscription-State value. */
export function parseSubscriptionState(text: string): Result<SubscriptionState, SipFault> {
  const malformed = err<SipFault>('sip-subscription-state-malformed');
  const bytes = bytesOf(text);
  if (bytes === undefined) return malformed;
  const stateEnd = endOfToken(bytes, 0, bytes.length);
  if (stateEnd < 0) return malformed;
  const parameters = parseParameters(text, bytes, skipSpace(bytes, stateEnd, bytes.length));
  if (parameters === undefined) return malformed;
  const reason = parameters.get('reason');
  if (parameters.has('reason') && !isToken(reason)) return malformed;
  const expires = seconds(parameters, 'expires');
  const retryAfter = seconds(parameters, 'retry-after');
  if (expires === 'malformed' || retryAfter === 'malformed') return malformed;
  return ok({
    state: text.slice(0, stateEnd).toLowerCase(),
    ...(reason !== undefined && { reason: reason.toLowerCase() }),
    ...(expires !== undefined && { expires }),
    ...(retryAfter !== undefined && { retryAfter }),
    parameters,
  });
}

function isToken(text: string | undefined): boolean {
  return text !== undefined && /^[A-Za-z0-9.!%*_+`'~-]+$/.test(text);
}

function seconds(parameters: Parameters, name: string): number | 'malformed' | undefined {
  if (!parameters.has(name)) return undefined;
  const value = parseExpires(parameters.get(name) ?? '');
  return value.ok ? value.value : 'malformed';
}

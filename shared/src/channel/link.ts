import type { ChannelIdentity } from '../x509/channel-identity.ts';
import type { FrameFault } from './frame.ts';
import { commonVersion, type Hello } from './hello.ts';

/** Why a link ended; for the operator's log and for counters. */
export type LinkFault =
  | FrameFault
  | 'hello-missing'
  | 'hello-malformed'
  | 'hello-repeated'
  | 'hello-timeout'
  | 'hello-version'
  | 'hello-role'
  | 'hello-site'
  | 'hello-node'
  | 'payload-malformed'
  | 'credit-overrun'
  | 'credit-overflow'
  | 'flow-limit'
  | 'queue-overflow'
  | 'silent'
  | 'ended'
  | 'socket-error';

export type LinkState =
  | { readonly phase: 'greeting'; readonly sinceMs: number }
  | {
      readonly phase: 'open';
      readonly heardAtMs: number;
      readonly pingedAtMs: number;
      readonly tickedAtMs: number;
      /** It does not answer a ping: it may be gone, or only busy. */
      readonly isQuiet: boolean;
      readonly draining: boolean;
      readonly peerDraining: boolean;
    }
  | { readonly phase: 'closed' };

export type LinkInput =
  | { readonly type: 'hello'; readonly hello: Hello; readonly nowMs: number }
  | { readonly type: 'other-frame' }
  | { readonly type: 'peer-drain' }
  | { readonly type: 'drain' }
  /** Once a second; `heard` says whether any byte has come since the last one. */
  | { readonly type: 'tick'; readonly nowMs: number; readonly heard: boolean }
  | { readonly type: 'close'; readonly reason: string };

export type LinkEffect =
  | { readonly type: 'ready'; readonly hello: Hello }
  | { readonly type: 'send-ping' }
  | { readonly type: 'send-drain' }
  | { readonly type: 'tell-draining' }
  | { readonly type: 'close'; readonly reason: string };

export interface LinkTurn {
  readonly state: LinkState;
  readonly effects: readonly LinkEffect[];
}

/** A peer that is up says hello at once: this is for those that never do. */
export const HELLO_TIMEOUT_MS = 5000;
/** After this much silence we ask, again and again. */
export const PING_AFTER_MS = 3000;
/** So long after a byte was heard a ping has had no answer for a while: who has a choice takes another one. */
export const QUIET_AFTER_MS = 6000;
/** With a tick a second, a half-open channel is found within 27 s. */
export const DEAD_AFTER_MS = 25_000;
const TICK_MS = 1000;

/** The state in which the driver has just sent its own hello. */
export function greeting(nowMs: number): LinkState {
  return { phase: 'greeting', sinceMs: nowMs };
}

/**
 * One turn of a channel link: hello exchange, liveness, drain.
 *
 * The certificate, not the hello, says who the peer is; the hello must agree with it. After
 * `closed` every input is absorbed, so that the close effect is emitted exactly once.
 */
export function step(
  state: LinkState,
  input: LinkInput,
  own: Hello,
  certified: ChannelIdentity,
): LinkTurn {
  if (state.phase === 'closed') return { state, effects: [] };
  switch (input.type) {
    case 'hello': {
      if (state.phase !== 'greeting') return closed('hello-repeated');
      const fault = helloFault(input.hello, own, certified);
      if (fault !== undefined) return closed(fault);
      return {
        state: {
          phase: 'open',
          heardAtMs: input.nowMs,
          pingedAtMs: input.nowMs,
          tickedAtMs: input.nowMs,
          isQuiet: false,
          draining: false,
          peerDraining: false,
        },
        effects: [{ type: 'ready', hello: input.hello }],
      };
    }
    case 'other-frame':
      return state.phase === 'greeting' ? closed('hello-missing') : { state, effects: [] };
    case 'peer-drain':
      if (state.phase === 'greeting') return closed('hello-missing');
      if (state.peerDraining) return { state, effects: [] };
      return { state: { ...state, peerDraining: true }, effects: [{ type: 'tell-draining' }] };
    case 'drain':
      if (state.phase === 'greeting') return closed('draining');
      if (state.draining) return { state, effects: [] };
      return { state: { ...state, draining: true }, effects: [{ type: 'send-drain' }] };
    case 'tick':
      return tick(state, input.nowMs, input.heard);
    case 'close':
      return closed(input.reason);
  }
}

function tick(
  state: Exclude<LinkState, { phase: 'closed' }>,
  nowMs: number,
  heard: boolean,
): LinkTurn {
  if (state.phase === 'greeting') {
    return nowMs - state.sinceMs >= HELLO_TIMEOUT_MS
      ? closed('hello-timeout')
      : { state, effects: [] };
  }
  const open = { ...state, tickedAtMs: nowMs };
  if (heard) return { state: { ...open, heardAtMs: nowMs, isQuiet: false }, effects: [] };
  // A tick that is late by more than another: it was we who did not run, and listened to nobody.
  const lateMs = nowMs - state.tickedAtMs - TICK_MS;
  const heardAtMs = state.heardAtMs + (lateMs > TICK_MS ? lateMs : 0);
  if (nowMs - heardAtMs >= DEAD_AFTER_MS) return closed('silent');
  const silent = { ...open, heardAtMs, isQuiet: nowMs - heardAtMs >= QUIET_AFTER_MS };
  const pingDue = Math.max(heardAtMs, state.pingedAtMs) + PING_AFTER_MS;
  if (nowMs < pingDue) return { state: silent, effects: [] };
  return { state: { ...silent, pingedAtMs: nowMs }, effects: [{ type: 'send-ping' }] };
}

function helloFault(hello: Hello, own: Hello, certified: ChannelIdentity): LinkFault | undefined {
  if (commonVersion(own.protocolVersions, hello.protocolVersions) === undefined) {
    return 'hello-version';
  }
  if (hello.role !== certified.role || hello.role === own.role) return 'hello-role';
  if (hello.site !== certified.site || hello.site !== own.site) return 'hello-site';
  if (hello.node !== certified.node) return 'hello-node';
  return undefined;
}

function closed(reason: LinkFault | (string & {})): LinkTurn {
  return { state: { phase: 'closed' }, effects: [{ type: 'close', reason }] };
}

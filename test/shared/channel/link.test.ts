import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Hello } from '@sallyport/shared/channel/hello.ts';
import {
  DEAD_AFTER_MS,
  greeting,
  HELLO_TIMEOUT_MS,
  type LinkEffect,
  type LinkInput,
  type LinkState,
  PING_AFTER_MS,
  QUIET_AFTER_MS,
  step,
} from '@sallyport/shared/channel/link.ts';
import type { ChannelIdentity } from '@sallyport/shared/x509/channel-identity.ts';
import fc from 'fast-check';

const OWN: Hello = {
  protocolVersions: [1],
  role: 'proxy',
  site: 'acme',
  node: 'edge-1',
  worker: 0,
  workers: 1,
  creditBytes: 8_388_608,
  flowCreditBytes: 2_097_152,
};
const CERTIFIED: ChannelIdentity = { site: 'acme', role: 'gateway', node: 'gateway-1' };
const PEER: Hello = { ...OWN, role: 'gateway', node: 'gateway-1' };

const BEGAN_MS = 700;
const GREETING = greeting(BEGAN_MS);
const OPEN: LinkState = {
  phase: 'open',
  heardAtMs: 0,
  pingedAtMs: 0,
  tickedAtMs: 0,
  isQuiet: false,
  draining: false,
  peerDraining: false,
};
const TICKED: LinkState = { ...OPEN, tickedAtMs: PING_AFTER_MS - 1000 };
/** It has had its ticks, the last one a second before it is too long. */
const LISTENING: LinkState = { ...OPEN, tickedAtMs: DEAD_AFTER_MS - 1000 };
const DRAINING: LinkState = { ...OPEN, draining: true };
const PEER_DRAINING: LinkState = { ...OPEN, peerDraining: true };
const CLOSED: LinkState = { phase: 'closed' };

const HELLO: LinkInput = { type: 'hello', hello: PEER, nowMs: 0 };
const FRAME: LinkInput = { type: 'other-frame' };
const PEER_DRAIN: LinkInput = { type: 'peer-drain' };
const DRAIN: LinkInput = { type: 'drain' };
const CLOSE: LinkInput = { type: 'close', reason: 'stopping' };

function tick(nowMs: number, heard = false): LinkInput {
  return { type: 'tick', nowMs, heard };
}

function hello(change: Partial<Hello>): LinkInput {
  return { type: 'hello', hello: { ...PEER, ...change }, nowMs: 0 };
}

function describeEffect(effect: LinkEffect): string {
  return effect.type === 'close' ? `close:${effect.reason}` : effect.type;
}

//  what happens                  from           input                                to          effects
const table: readonly (readonly [string, LinkState, LinkInput, LinkState['phase'], string])[] = [
  ['hello', GREETING, HELLO, 'open', 'ready'],
  [
    'newer peer that still speaks ours',
    GREETING,
    hello({ protocolVersions: [2, 1] }),
    'open',
    'ready',
  ],
  [
    'no common version',
    GREETING,
    hello({ protocolVersions: [2] }),
    'closed',
    'close:hello-version',
  ],
  ['our own role', GREETING, hello({ role: 'proxy' }), 'closed', 'close:hello-role'],
  ['another site', GREETING, hello({ site: 'other' }), 'closed', 'close:hello-site'],
  ['another node', GREETING, hello({ node: 'gateway-2' }), 'closed', 'close:hello-node'],
  ['a frame before hello', GREETING, FRAME, 'closed', 'close:hello-missing'],
  ['drain before hello', GREETING, PEER_DRAIN, 'closed', 'close:hello-missing'],
  ['we stop before hello', GREETING, DRAIN, 'closed', 'close:draining'],
  ['no hello yet', GREETING, tick(BEGAN_MS + HELLO_TIMEOUT_MS - 1), 'greeting', ''],
  ['no hello at all', GREETING, tick(BEGAN_MS + HELLO_TIMEOUT_MS), 'closed', 'close:hello-timeout'],
  [
    'half a hello',
    GREETING,
    tick(BEGAN_MS + HELLO_TIMEOUT_MS, true),
    'closed',
    'close:hello-timeout',
  ],
  ['closed while greeting', GREETING, CLOSE, 'closed', 'close:stopping'],
  ['a second hello', OPEN, HELLO, 'closed', 'close:hello-repeated'],
  ['a frame', OPEN, FRAME, 'open', ''],
  ['the peer drains', OPEN, PEER_DRAIN, 'open', 'tell-draining'],
  ['the peer drains again', PEER_DRAINING, PEER_DRAIN, 'open', ''],
  ['we drain', OPEN, DRAIN, 'open', 'send-drain'],
  ['we drain again', DRAINING, DRAIN, 'open', ''],
  ['a little silence', OPEN, tick(PING_AFTER_MS - 1), 'open', ''],
  ['silence', TICKED, tick(PING_AFTER_MS), 'open', 'send-ping'],
  ['silence in which we did not run', OPEN, tick(PING_AFTER_MS), 'open', ''],
  ['noise', OPEN, tick(PING_AFTER_MS, true), 'open', ''],
  ['long silence', LISTENING, tick(DEAD_AFTER_MS), 'closed', 'close:silent'],
  ['long silence, and a word', LISTENING, tick(DEAD_AFTER_MS, true), 'open', ''],
  ['closed', OPEN, CLOSE, 'closed', 'close:stopping'],
  ['hello after the end', CLOSED, HELLO, 'closed', ''],
  ['frame after the end', CLOSED, FRAME, 'closed', ''],
  ['drain after the end', CLOSED, DRAIN, 'closed', ''],
  ['peer drain after the end', CLOSED, PEER_DRAIN, 'closed', ''],
  ['tick after the end', CLOSED, tick(1_000_000), 'closed', ''],
  ['close after the end', CLOSED, CLOSE, 'closed', ''],
];

describe('channel link', () => {
  for (const [what, from, input, phase, effects] of table) {
    it(`${from.phase}: ${what} -> ${phase} ${effects}`, () => {
      const turn = step(from, input, OWN, CERTIFIED);
      assert.equal(turn.state.phase, phase);
      assert.equal(turn.effects.map(describeEffect).join(), effects);
    });
  }

  it('refuses a hello that the certificate does not bear out, whatever both say', () => {
    const proxyPretending = { ...CERTIFIED, role: 'proxy' as const };
    const turn = step(GREETING, HELLO, OWN, proxyPretending);
    assert.deepEqual(turn.effects.map(describeEffect), ['close:hello-role']);
  });

  it('asks every three seconds in a silence and gives up before 30 s', () => {
    let state: LinkState = OPEN;
    const seen: string[] = [];
    for (let nowMs = 1000; nowMs <= 30_000; nowMs += 1000) {
      const turn = step(state, tick(nowMs), OWN, CERTIFIED);
      state = turn.state;
      for (const effect of turn.effects) seen.push(`${nowMs / 1000} ${describeEffect(effect)}`);
    }
    const pings = [3, 6, 9, 12, 15, 18, 21, 24].map((second) => `${second} send-ping`);
    assert.deepEqual(seen, [...pings, '25 close:silent']);
  });

  const isQuiet = (state: LinkState) => state.phase === 'open' && state.isQuiet;
  /** A tick a second, and what it finds. */
  const after = (seconds: number, from: LinkState, startMs = 0): LinkState => {
    let state = from;
    for (let second = 1; second <= seconds; second++) {
      state = step(state, tick(startMs + second * 1000), OWN, CERTIFIED).state;
    }
    return state;
  };

  it('is quiet once a ping has had no answer for three seconds, until a word is heard', () => {
    assert.equal(isQuiet(after(QUIET_AFTER_MS / 1000 - 1, OPEN)), false);
    const quiet = after(QUIET_AFTER_MS / 1000, OPEN);
    assert.equal(isQuiet(quiet), true);
    assert.equal(isQuiet(after(10, quiet, QUIET_AFTER_MS)), true);
    assert.equal(isQuiet(step(quiet, tick(7000, true), OWN, CERTIFIED).state), false);
  });

  it('gives nobody up, and calls nobody quiet, for the time in which it did not run itself', () => {
    let state = after(4, OPEN);
    for (const nowMs of [64_000, 65_000]) {
      state = step(state, tick(nowMs), OWN, CERTIFIED).state;
      assert.deepEqual([state.phase, isQuiet(state)], ['open', nowMs === 65_000]);
    }
    state = after(18, state, 65_000);
    assert.equal(state.phase, 'open');
    assert.equal(after(1, state, 83_000).phase, 'closed');
  });

  it('stays up as long as something is heard', () => {
    let state: LinkState = OPEN;
    for (let nowMs = 9000; nowMs <= 900_000; nowMs += 9000) {
      state = step(state, tick(nowMs, true), OWN, CERTIFIED).state;
    }
    assert.equal(state.phase, 'open');
  });

  it('closes exactly once, whatever comes in whatever order', () => {
    const inputs = fc.constantFrom(
      HELLO,
      FRAME,
      PEER_DRAIN,
      DRAIN,
      CLOSE,
      tick(0, true),
      tick(PING_AFTER_MS),
      tick(DEAD_AFTER_MS),
    );
    fc.assert(
      fc.property(fc.array(inputs, { maxLength: 20 }), (sequence) => {
        let state: LinkState = greeting(0);
        const effects: string[] = [];
        for (const input of [...sequence, CLOSE]) {
          const turn = step(state, input, OWN, CERTIFIED);
          state = turn.state;
          effects.push(...turn.effects.map(describeEffect));
        }
        assert.equal(state.phase, 'closed');
        assert.equal(effects.filter((effect) => effect.startsWith('close')).length, 1);
        assert.equal(
          effects.findIndex((effect) => effect.startsWith('close')),
          effects.length - 1,
        );
        assert.ok(effects.filter((effect) => effect === 'ready').length <= 1);
      }),
    );
  });
});

import { setTimeout as delay } from 'node:timers/promises';
import type { SipText } from '../../test/integration/support/pair-message.ts';
import { type Asked, type Outcome, pauseMs } from './sip-asked.ts';
import type { SipParty } from './sip-party.ts';

/** Two users of two companies, and chance. */
export interface Talk {
  readonly caller: SipParty;
  readonly callee: SipParty;
  /** From 0 to 1. */
  readonly chance: () => number;
}

/** It went otherwise than it is told: what was expected, and what came. */
export class Otherwise extends Error {}

/** A way in which two talk. */
export type Script = (talk: Talk) => Promise<void>;

const SDP = 'v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n';
const OFFER = { headers: ['Content-Type: application/sdp'], body: SDP };
const SOON_MS = 45_000;

/** All of them, and how often each is told in a hundred. */
export const SCRIPTS: readonly (readonly [string, number, Script])[] = [
  ['call', 26, answered],
  ['long call', 8, longCall],
  ['reliable ringing', 5, reliableRinging],
  ['cancelled', 8, cancelled],
  ['cancelled at once', 4, cancelledAtOnce],
  ['cancelled as it is answered', 5, cancelledAsAnswered],
  ['rejected', 10, rejected],
  ['both hang up', 6, bothHangUp],
  ['both offer', 5, bothOffer],
  ['subscription', 9, subscription],
  ['notified first', 5, notifiedFirst],
  ['message', 9, message],
];

async function answered(talk: Talk): Promise<void> {
  await established(talk);
  for (let left = Math.floor(talk.chance() * 4); left > 0; left--) await middle(talk);
  await hangUp(talk);
}

async function longCall(talk: Talk): Promise<void> {
  await established(talk, 3000);
  for (let left = 2 + Math.floor(talk.chance() * 6); left > 0; left--) {
    await delay(talk.chance() * 6000);
    await middle(talk);
  }
  await hangUp(talk);
}

async function reliableRinging(talk: Talk): Promise<void> {
  const { caller, callee } = talk;
  const { invite, offer } = await offered(talk, [...OFFER.headers, 'Supported: 100rel']);
  callee.reply(offer, '180 Ringing', { headers: ['Require: 100rel', 'RSeq: 1'] });
  const isReliable = () => invite.provisionals.some((one) => one.header('RSeq') === '1');
  await caller.until(() => isReliable() || invite.ended !== undefined, SOON_MS);
  const ringing = invite.provisionals.find((one) => one.header('RSeq') === '1');
  if (ringing === undefined) throw new Otherwise(`no reliable 180: ${invite.ended?.status}`);
  caller.enter(ringing);
  const rack = { headers: [`RAck: 1 ${invite.cseq} INVITE`] };
  wanted('PRACK', await caller.asks.askOn('PRACK', rack), 200);
  wanted('early UPDATE', await callee.asks.askOn('UPDATE', OFFER), 200);
  callee.reply(offer, '200 OK', OFFER);
  await connected(talk, invite);
  await hangUp(talk);
}

async function cancelled(talk: Talk): Promise<void> {
  const { caller, callee } = talk;
  const { invite, offer } = await offered(talk);
  callee.reply(offer, '180 Ringing');
  await caller.until(() => invite.provisionals.some(({ status }) => status === 180), SOON_MS);
  await delay(talk.chance() * 1500);
  const startMs = performance.now();
  wanted('CANCEL', await caller.asks.cancel(invite), 200);
  wanted('cancelled INVITE', await invite.outcome, 487);
  const seconds = Math.round((performance.now() - startMs) / 1000);
  if (!callee.isCancelled) throw new Otherwise(`487 after ${seconds} s without a CANCEL`);
  if (!(await callee.acknowledged(8000))) throw new Otherwise('no ACK to 487');
}

/** The callee may have been asked by then, or not yet. */
async function cancelledAtOnce({ caller }: Talk): Promise<void> {
  const invite = await caller.asks.begin('INVITE', OFFER);
  wanted('CANCEL', await caller.asks.cancel(invite), 200);
  wanted('cancelled INVITE', await invite.outcome, 487);
}

async function cancelledAsAnswered(talk: Talk): Promise<void> {
  const { caller, callee } = talk;
  const { invite, offer } = await offered(talk);
  callee.reply(offer, '180 Ringing');
  await caller.until(() => invite.provisionals.some(({ status }) => status === 180), SOON_MS);
  const cancel = caller.asks.cancel(invite);
  callee.reply(offer, '200 OK', OFFER);
  const { status } = await invite.outcome;
  if (status === 200) await connected(talk, invite);
  else wanted('INVITE', await invite.outcome, 487);
  wanted('CANCEL', await cancel, 200);
  if (status === 200) await hangUp(talk);
}

async function rejected(talk: Talk): Promise<void> {
  const statuses = ['486 Busy Here', '603 Decline', '302 Moved Temporarily', '404 Not Found'];
  const status = statuses[Math.floor(talk.chance() * statuses.length)] ?? '';
  const { invite, offer } = await offered(talk);
  if (talk.chance() < 0.5) talk.callee.reply(offer, '180 Ringing');
  await delay(talk.chance() * 500);
  const elsewhere = [`Contact: <sip:other@${talk.callee.company.options.sentBy}>`];
  const headers = status.startsWith('302') ? elsewhere : [];
  talk.callee.reply(offer, status, { headers });
  wanted('INVITE', await invite.outcome, Number(status.slice(0, 3)));
  if (!(await talk.callee.acknowledged(8000))) throw new Otherwise('no ACK to a rejection');
}

async function bothHangUp(talk: Talk): Promise<void> {
  await established(talk);
  const both = await Promise.all([talk.caller.asks.askOn('BYE'), talk.callee.asks.askOn('BYE')]);
  for (const each of both) wanted('BYE', each, 200, 481);
}

async function bothOffer(talk: Talk): Promise<void> {
  const { caller, callee } = talk;
  await established(talk);
  await Promise.all([reoffer(caller), reoffer(callee)]);
  await hangUp(talk);
}

/** Until it is taken: whoever is told 491 waits a time of their own (RFC 3261 §14.1). */
async function reoffer(party: SipParty): Promise<void> {
  const ownMs = party.user.startsWith('c') ? 500 : 0;
  for (let turn = 0; turn < 20; turn++) {
    party.isOffering = true;
    const invite = await party.asks.begin('INVITE', OFFER);
    const { status } = await invite.outcome;
    if (status === 200) party.asks.acknowledge(invite);
    party.isOffering = false;
    if (status === 200) return;
    if (status !== 491) wanted('re-INVITE', await invite.outcome, 0, 408, 500, 503);
    await delay(ownMs + pauseMs(turn));
  }
  throw new Otherwise('a re-INVITE was never taken');
}

async function subscription(talk: Talk): Promise<void> {
  const { caller, callee } = talk;
  const subscribe = await caller.asks.begin('SUBSCRIBE', EVENT(600));
  const offer = await offeredTo(callee, subscribe);
  callee.reply(offer, '200 OK', { headers: ['Expires: 600'] });
  await subscribed(talk, subscribe);
}

/** The NOTIFY is there before the 200 to the SUBSCRIBE (RFC 6665 §4.1.2.4). */
async function notifiedFirst(talk: Talk): Promise<void> {
  const { caller, callee } = talk;
  const subscribe = await caller.asks.begin('SUBSCRIBE', EVENT(600));
  const offer = await offeredTo(callee, subscribe);
  wanted('first NOTIFY', await callee.asks.askOn('NOTIFY', STATE('active')), 200);
  callee.reply(offer, '200 OK', { headers: ['Expires: 600'] });
  await subscribed(talk, subscribe);
}

async function subscribed({ caller, callee, chance }: Talk, subscribe: Asked): Promise<void> {
  const outcome = await subscribe.outcome;
  wanted('SUBSCRIBE', outcome, 200);
  if (outcome.answer !== undefined) caller.enter(outcome.answer);
  for (let left = 1 + Math.floor(chance() * 5); left > 0; left--) {
    await delay(chance() * 3000);
    wanted('NOTIFY', await callee.asks.askOn('NOTIFY', STATE('active')), 200);
    if (chance() < 0.3) {
      wanted('refresh', await caller.asks.askOn('SUBSCRIBE', EVENT(600)), 200);
    }
  }
  if (chance() < 0.5) wanted('end', await caller.asks.askOn('SUBSCRIBE', EVENT(0)), 200);
  const last = await callee.asks.askOn('NOTIFY', STATE('terminated;reason=timeout'));
  wanted('last NOTIFY', last, 200);
}

async function message({ caller }: Talk): Promise<void> {
  wanted('MESSAGE', await caller.asks.ask('MESSAGE', { body: 'how are you?' }), 200);
}

/** The callee has the INVITE. */
async function offered({ caller, callee }: Talk, headers: readonly string[] = OFFER.headers) {
  const invite = await caller.asks.begin('INVITE', { headers, body: SDP });
  return { invite, offer: await offeredTo(callee, invite) };
}

async function offeredTo(callee: SipParty, asked: Asked): Promise<SipText> {
  await Promise.race([callee.until(() => callee.offer !== undefined, SOON_MS), asked.outcome]);
  if (callee.offer !== undefined) return callee.offer;
  throw new Otherwise(`${asked.method}: ${asked.ended?.status ?? 'nowhere to be seen'}`);
}

async function established(talk: Talk, ringMs = 1000): Promise<void> {
  const { invite, offer } = await offered(talk);
  talk.callee.reply(offer, '180 Ringing');
  await delay(talk.chance() * ringMs);
  talk.callee.reply(offer, '200 OK', OFFER);
  await connected(talk, invite);
}

/** The 2xx has come, and its ACK gone. */
async function connected({ caller, callee }: Talk, invite: Asked): Promise<void> {
  const outcome = await invite.outcome;
  wanted('INVITE', outcome, 200);
  if (outcome.answer !== undefined) caller.enter(outcome.answer);
  caller.asks.acknowledge(invite);
  if (!(await callee.acknowledged(SOON_MS))) throw new Otherwise('no ACK to a 2xx');
}

/** Something in the middle of a call, from either side. */
async function middle({ caller, callee, chance }: Talk): Promise<void> {
  const [one, other] = chance() < 0.5 ? [caller, callee] : [callee, caller];
  const method = MIDDLES[Math.floor(chance() * MIDDLES.length)] ?? 'INFO';
  if (method === 'INVITE') return await reoffer(one);
  const before = other.seen.get(method) ?? 0;
  const headers = method === 'REFER' ? [`Refer-To: <sip:third@${one.company.options.domain}>`] : [];
  wanted(method, await one.asks.askOn(method, { headers }), method === 'REFER' ? 202 : 200);
  if ((other.seen.get(method) ?? 0) <= before)
    throw new Otherwise(`${method} was answered by nobody`);
}

const MIDDLES = ['INFO', 'INVITE', 'UPDATE', 'REFER', 'INFO', 'MESSAGE'];

/** From either end; 481 where it was heard before, and its answer was lost. */
async function hangUp({ caller, callee, chance }: Talk): Promise<void> {
  const [one, other] = chance() < 0.5 ? [caller, callee] : [callee, caller];
  const outcome = await one.asks.askOn('BYE');
  wanted('BYE', outcome, 200);
  if (!other.seen.has('BYE')) throw new Otherwise('a BYE was answered by nobody');
}

function EVENT(expires: number) {
  return { headers: ['Event: presence', `Expires: ${expires}`, 'Accept: application/pidf+xml'] };
}

function STATE(state: string) {
  return { headers: ['Event: presence', `Subscription-State: ${state}`] };
}

function wanted(what: string, { status }: Outcome, ...statuses: readonly number[]): void {
  if (!statuses.includes(status)) throw new Otherwise(`${what}: ${status}`);
}

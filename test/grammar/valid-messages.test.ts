import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NO_PARTNERS, partnerTable } from '@sallyport/dmz-proxy/identity/partner.ts';
import { screenRequest } from '@sallyport/dmz-proxy/identity/screening.ts';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { formatReply } from '@sallyport/shared/sip/reply.ts';
import {
  checkResponse,
  fromDomain,
  fromTag,
  topViaBranch,
  topViaHasAlias,
  topViaSentBy,
  toTag,
} from '@sallyport/shared/sip/syntax-check.ts';
import { CoreStage, LIMITS, type Sent } from '../app-gateway/domain/core/core-stage.ts';
import { SeededRandom } from '../fuzz/mutator.ts';
import { partnerSnapshot } from '../integration/support/proxy-site.ts';
import { environment } from '../peers/support/environment.ts';
import { contact, type Field } from './fields.ts';
import { assertReflects, assertSameInside, assertSameOutside, viasReceived } from './gone-on.ts';
import { anyContact, METHODS, type Side, validRequest, validResponse } from './messages.ts';
import {
  addressesIn,
  parameterIn,
  type Said,
  said,
  sipUriIn,
  topViaText,
  valuesOf,
  viasOf,
} from './second-reader.ts';

/*
 * Messages that the grammar allows, of a seed; as many as one likes:
 *   SEED=7 MESSAGES=200000 node --test test/grammar/valid-messages.test.ts
 */

const seed = Number(environment['SEED'] ?? 1);
const messages = Number(environment['MESSAGES'] ?? 400);
const SIDES: readonly Side[] = ['partner', 'inside'];
/** Where the stage's peers ask from. */
const [ADDRESS, PORT] = ['192.0.2.1', 40_000] as const;

const snapshot = {
  ...partnerSnapshot(''),
  trustSets: [],
  methods: METHODS,
  eventPackages: ['presence'],
};
const table = partnerTable([snapshot], NO_PARTNERS, 0);
const partner = table.ok ? table.value.byId.get('globex') : undefined;
assert.ok(partner);
const sender = { partner, domains: new Set(['globex.example']), hosts: new Set<string>() };
const index = new MessageIndex(LIMITS);

function scanned(text: string): MessageIndex {
  const bytes = Buffer.from(text, 'latin1');
  assert.equal(index.scan(bytes, 0, bytes.length), bytes.length, `${index.fault}`);
  return index;
}

/** Runs with the message that is at fault, and how to make it again. */
function each(
  side: Side,
  methods: readonly string[],
  check: (text: string, random: SeededRandom) => void,
): void {
  const random = new SeededRandom(seed);
  for (let number = 0; number < messages; number++) {
    const text = validRequest(random, side, random.pick(methods));
    try {
      check(text, random);
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`message ${number} of seed ${seed}: ${message}\n${JSON.stringify(text)}`, {
        cause,
      });
    }
  }
}

/** What we read, against what stands there. */
function assertRead(message: MessageIndex, told: Said): void {
  const [from] = addressesIn(valuesOf(told, 'from').join());
  const [to] = addressesIn(valuesOf(told, 'to').join());
  const [via] = viasOf(told);
  assert.ok(from && to && via);
  assert.equal(fromDomain(message), sipUriIn(from.uri)?.host);
  assert.equal(fromTag(message), parameterIn(from.parameters, 'tag') ?? '');
  assert.equal(toTag(message), parameterIn(to.parameters, 'tag') ?? '');
  assert.equal(topViaBranch(message), parameterIn(via.parameters, 'branch'));
  const sentBy = via.port === '' ? via.host : `${via.host}:${via.port}`;
  assert.equal(topViaSentBy(message), sentBy.toLowerCase());
  assert.equal(
    topViaHasAlias(message),
    via.parameters.some(([name, value]) => name === 'alias' && value === undefined),
  );
}

function sentOn(stage: CoreStage): Sent {
  const sent = stage.take().filter(({ to }) => to !== 'origin');
  assert.equal(sent.length, 1, stage.refusals.join());
  return sent[0] as Sent;
}

const FORM_DIALOGS = new Set(['INVITE', 'SUBSCRIBE', 'REFER', 'NOTIFY']);

/** The fields of hops: ours on top, one hop less. */
function assertHops(before: Said, after: Said, side: Side): void {
  const [own, ...vias] = viasOf(after);
  assert.equal(own?.host, side === 'partner' ? 'gateway-1.inner.example' : 'sip.acme.example');
  assert.deepEqual(vias, side === 'partner' ? viasReceived(before, ADDRESS, PORT) : []);
  const [hops = 71] = valuesOf(before, 'max-forwards').map(Number);
  assert.deepEqual(valuesOf(after, 'max-forwards').map(Number), [hops - 1]);
  const [method] = before.start;
  const [breadth = 60] = valuesOf(before, 'max-breadth').map(Number);
  if (method !== 'ACK') assert.deepEqual(valuesOf(after, 'max-breadth').map(Number), [breadth]);
  assert.deepEqual(valuesOf(after, 'route'), []);
  const isInDialog = addressesIn(valuesOf(before, 'to').join())[0]?.parameters.some(
    ([name]) => name === 'tag',
  );
  const isOurs = FORM_DIALOGS.has(method) && (!isInDialog || method === 'NOTIFY');
  const kept = side === 'partner' ? valuesOf(before, 'record-route') : [];
  const routes = valuesOf(after, 'record-route');
  assert.deepEqual(routes.slice(isOurs ? 1 : 0), kept);
  if (isOurs) assert.match(routes[0] ?? '', /^<sips?:sp1-[^>]*;lr>$/);
}

describe('a valid request', () => {
  console.log(`seed ${seed}`);

  it('passes the edge, which reads what stands there', () => {
    each('partner', METHODS, (text) => {
      const message = scanned(text);
      assert.equal(screenRequest(message, message.method(), sender)?.code, undefined);
      assertRead(message, said(text));
    });
  });

  for (const side of SIDES) {
    const methods = METHODS.filter((method) => method !== 'CANCEL');
    it(`from ${nameOf(side)} goes on, and says the same`, () => {
      each(side, methods, (text) => {
        const stage = new CoreStage();
        stage.request(side === 'partner' ? stage.globex : stage.staff, text);
        const [before, after] = [said(text), said(sentOn(stage).text)];
        assert.deepEqual(after.start, [...before.start.slice(0, 2), 'SIP/2.0']);
        assertHops(before, after, side);
        if (side === 'partner') assertSameInside(before, after);
        else assertSameOutside(before, after);
      });
    });
  }

  it('is given back in our own answers what they must give back (§8.2.6.2)', () => {
    const source = { address: ADDRESS, port: PORT };
    each(
      'partner',
      METHODS.filter((method) => method !== 'ACK'),
      (text) => {
        const reply = formatReply(scanned(text), {
          status: 403,
          reasonPhrase: 'Forbidden',
          toTag: 'ours',
          source,
        });
        assertReflects(said(text), said(reply.toString('latin1')), ADDRESS, PORT);
      },
    );
    for (const side of SIDES) {
      each(side, ['CANCEL'], (text) => {
        const stage = new CoreStage();
        stage.request(side === 'partner' ? stage.globex : stage.staff, text);
        const answer = said(stage.one().text);
        assert.equal(answer.start[1], '481');
        assertReflects(said(text), answer, ADDRESS, PORT);
      });
    }
  });
});

describe('a valid INVITE', () => {
  for (const side of SIDES) {
    it(`from ${nameOf(side)} is found by its CANCEL and by the ACK to its rejection, of RFC 2543 too (§9.1, §17.1.1.3)`, () => {
      each(side, ['INVITE'], (text) => {
        const stage = new CoreStage();
        const origin = side === 'partner' ? stage.globex : stage.staff;
        stage.request(origin, text);
        const invite = said(text);
        const { text: sent } = sentOn(stage);
        stage.request(origin, ofTransaction(invite, 'CANCEL', ''), 2);
        const [answer] = stage.take();
        assert.equal(said(answer?.text ?? '').start[1], '200');
        stage.response(side === 'partner' ? 'staff' : 'globex', answerTo(said(sent), '487'));
        const rejection = stage.take().find(({ to }) => to === 'origin');
        const to = valuesOf(said(rejection?.text ?? ''), 'to').join();
        stage.request(origin, ofTransaction(invite, 'ACK', to), 0);
        assert.equal(stage.core.size, 0);
      });
    });
  }
});

/** A request of the INVITE's transaction: one Via, as its topmost is. */
function ofTransaction({ start, fields }: Said, method: string, to: string): string {
  const value = (name: string) => valuesOf({ fields }, name).join();
  return [
    `${method} ${start[1]} SIP/2.0`,
    `Via: ${topViaText({ fields })}`,
    `From: ${value('from')}`,
    `To: ${to || value('to')}`,
    `Call-ID: ${value('call-id')}`,
    `CSeq: ${Number.parseInt(value('cseq'), 10)} ${method}`,
    'Max-Forwards: 70',
    'Content-Length: 0\r\n\r\n',
  ].join('\r\n');
}

function answerTo({ fields }: Said, status: string): string {
  const echoed = fields
    .filter(([name]) => ECHOED.has(name))
    .map(([name, value]) => `${name}: ${value}`);
  return [`SIP/2.0 ${status} Terminated`, ...echoed, 'l: 0\r\n\r\n'].join('\r\n');
}

const ECHOED = new Set(['via', 'from', 'to', 'call-id', 'cseq', 'record-route']);
const STATUSES = [183, 200, 202, 299, 302, 380, 401, 404, 407, 420, 486, 500, 603, 699];

describe('a valid response', () => {
  const methods = METHODS.filter((method) => method !== 'CANCEL' && method !== 'ACK');
  for (const side of SIDES) {
    it(`goes back to ${nameOf(side)}, and says the same`, () => {
      each(side, methods, (text, random) => {
        const stage = new CoreStage();
        stage.request(side === 'partner' ? stage.globex : stage.staff, text);
        const request = said(text);
        const response = responseOf(random, request, said(sentOn(stage).text), side);
        assert.equal(checkResponse(scanned(response)), undefined, response);
        stage.response(side === 'partner' ? 'staff' : 'globex', response);
        const [answer] = stage.take().filter(({ to }) => to === 'origin');
        assertGoneBack({
          request,
          response: said(response),
          answer: said(answer?.text ?? ''),
          side,
        });
      });
    });
  }
});

/** From whoever was asked; 1xx to an INVITE alone. */
function responseOf(random: SeededRandom, { start }: Said, asked: Said, side: Side): string {
  const status = random.pick(start[0] === 'INVITE' ? STATUSES : STATUSES.slice(1));
  const server = side === 'partner' ? '10.3.2.1:5070' : 'sip.globex.example';
  const isRedirection = status >= 300 && status < 400;
  return validResponse(random, echoOf(asked), status, isRedirection ? anyContact : contact(server));
}

/** What a response must give back, as fields for `validResponse`. */
function echoOf(asked: Said): Field[] {
  return asked.fields
    .filter(([name]) => ECHOED.has(name))
    .map(([name, value]) => {
      const isUntagged =
        name === 'to' && addressesIn(value)[0]?.parameters.every(([other]) => other !== 'tag');
      return [name, '', isUntagged ? `${value};tag=far` : value] as const;
    });
}

interface GoneBack {
  readonly request: Said;
  readonly response: Said;
  readonly answer: Said;
  readonly side: Side;
}

function assertGoneBack({ request, response, answer, side }: GoneBack): void {
  const [version, status, phrase] = answer.start;
  assert.deepEqual([version, status], ['SIP/2.0', response.start[1]]);
  if (response.start[2].trim() === '') assert.notEqual(phrase, '');
  else assert.equal(phrase, response.start[2]);
  assert.deepEqual(viasOf(answer), viasReceived(request, ADDRESS, PORT));
  assert.deepEqual(valuesOf(answer, 'call-id'), valuesOf(request, 'call-id'));
  const routes = valuesOf(answer, 'record-route');
  if (routes.length > 0) {
    assert.match(routes[0] ?? '', /^<sips?:sp1-[^>]*;lr>$/);
    assert.deepEqual(routes.slice(1), valuesOf(request, 'record-route'));
  }
  const [told, gone] = [withoutCallId(response), withoutCallId(answer)];
  if (side === 'partner') assertSameOutside(told, gone);
  else assertSameInside(told, gone);
}

/** It was translated, and stands for itself. */
function withoutCallId(message: Said): Said {
  return { ...message, fields: message.fields.filter(([name]) => name !== 'call-id') };
}

function nameOf(side: Side): string {
  return side === 'inside' ? 'the inside' : 'a partner';
}

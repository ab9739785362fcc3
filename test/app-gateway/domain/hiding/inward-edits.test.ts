import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CoreStage, fromInside, fromPartner, headers, responseTo } from '../core/core-stage.ts';

/** What a partner may write, and no client of ours may read. */
const KEPT_OUT = [
  'Alert-Info: <http://globex.example/ring.wav>;info=alert-autoanswer',
  'Call-Info: <sip:globex.example>;answer-after=0',
  'Error-Info: <sip:premium@globex.example>',
  'Answer-Mode: Auto',
  'Priv-Answer-Mode: Auto;require',
  'Resource-Priority: dsn.flash-override, q735.0',
  'History-Info: <sip:ceo@acme.example>;index=1',
  'Diversion: <sip:ceo@acme.example>;reason=unconditional',
  'P-Asserted-Identity: <sip:ceo@acme.example>',
  'Remote-Party-ID: <sip:ceo@acme.example>',
  'MS-Asserted-Verification-Level: ms-source-verified-user=verified',
  'X-Attestation-Info: A',
];
/** Folded, and in another spelling. */
const IN_DISGUISE = [
  'ANSWER-MODE : Auto',
  'alert-INFO:\r\n <http://globex.example/ring.wav>',
  'cALL-iNFO: <sip:globex.example>;answer-after=0',
];
const PASSING = ['Subject: lunch', 'Accept-Contact: *;audio', 'Reason: SIP;cause=200'];

const names = (lines: readonly string[]) => lines.map((line) => line.replace(/ ?:.*$/s, ''));

function assertKeptOut(text: string, lines: readonly string[]): void {
  for (const name of names(lines)) {
    const isThere = new RegExp(`^${name}[ \\t]*:`, 'im').test(text);
    assert.ok(!isThere, `${name} in ${text}`);
  }
}

describe('what a partner may not bring in', () => {
  for (const method of ['INVITE', 'MESSAGE', 'ACK']) {
    it(`is left out of its ${method}`, () => {
      const stage = new CoreStage();
      const lines = [...KEPT_OUT, ...IN_DISGUISE, ...PASSING];
      stage.request(stage.globex, fromPartner(method, { extra: lines }));
      const inside = stage.take().find(({ to }) => to === 'community')?.text ?? '';
      assertKeptOut(inside, [...KEPT_OUT, ...IN_DISGUISE]);
      for (const line of PASSING) assert.ok(inside.includes(`${line}\r\n`), line);
    });
  }

  for (const status of [180, 200, 404]) {
    it(`is left out of its ${status}`, () => {
      const stage = new CoreStage();
      stage.request(stage.staff, fromInside('INVITE'));
      const sent = stage.take().find(({ to }) => to === 'partner')?.text ?? '';
      stage.response('globex', responseTo(sent, status, [...KEPT_OUT, ...PASSING]));
      const inside = stage.take().find(({ to }) => to === 'origin')?.text ?? '';
      assert.deepEqual(headers(inside, 'Subject'), ['lunch']);
      assertKeptOut(inside, KEPT_OUT);
    });
  }
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  CoreStage,
  fromInside,
  fromPartner,
  header,
  responseTo,
  startLine,
} from '../core/core-stage.ts';

const PASSED = 'TN-Validation-Passed';
const NOTHING = 'No-TN-Validation';
const NUMBER = '+12155550112';

//  From of a partner                                               From inside
const claims: readonly (readonly [string, string])[] = [
  [`<sip:${NUMBER};verstat=${PASSED}@globex.example;user=phone>;tag=1`, ''],
  [`<sip:${NUMBER};verstat=${PASSED}-A;isub=1:pw@globex.example>;tag=1`, ''],
  [`<sip:${NUMBER};verstat=${PASSED}:pw@globex.example>;tag=1`, ''],
  [`<sip:;verstat=${PASSED}@globex.example>;tag=1`, ''],
  [`"A;verstat=x" <sips:${NUMBER}@globex.example;VerStat=${PASSED};user=phone>;tag=1`, ''],
  [`<sip:${NUMBER};%76erst%61t=${PASSED}@globex.example>;tag=1`, ''],
  [`<sip:a@globex.example>;verstat=${PASSED};tag=1`, ''],
  [`<sip:a@globex.example>;tag=1; verstat = "${PASSED}"`, `; verstat = ${NOTHING}`],
  [`sip:a@globex.example;verstat=${PASSED};tag=1`, ''],
  [`<sip:a@globex.example>;tag=1;\r\n verstat=${PASSED}`, `; verstat=${NOTHING}`],
];

function inside(given: string, tail: string): string {
  const end = /;\s*verstat.*$/s;
  if (tail !== '') return given.replace(end, tail);
  return given.replace(/TN-Validation-Passed(?:-A)?/, NOTHING);
}

describe('the mark of a verified number in From', () => {
  for (const [from, tail] of claims) {
    it(`claims nothing inside: ${JSON.stringify(from)}`, () => {
      const stage = new CoreStage();
      const given = { from, via: 'SIP/2.0/TLS edge.globex.example;branch=z9hG4bKa' };
      stage.request(stage.globex, fromPartner('INVITE', given));
      const invite = stage.take().at(-1)?.text ?? '';
      const meant = inside(from, tail);
      assert.equal(header(invite, 'From'), meant);

      // The partner is given back what it said (RFC 3261 §8.2.6.2).
      stage.response('staff', responseTo(invite, 180));
      const ringing = stage.one().text;
      assert.equal(header(ringing.replace(/\r\n /g, ' '), 'From'), from.replace(/\r\n /g, ' '));

      // What ends the INVITE has its From (§9.1, §17.1.1.3).
      stage.request(stage.globex, fromPartner('CANCEL', given));
      const cancel = stage.take().find(({ to }) => to === 'community')?.text ?? '';
      assert.equal(startLine(cancel), 'CANCEL sip:bob@acme.example SIP/2.0');
      assert.equal(header(cancel, 'From'), meant);
      stage.response('staff', responseTo(invite, 487));
      const ack = stage.take().find(({ to }) => to === 'community')?.text ?? '';
      assert.equal(startLine(ack), 'ACK sip:bob@acme.example SIP/2.0');
      assert.equal(header(ack, 'From'), meant);
    });
  }

  it('stays where it claims nothing, and in what we send ourselves', () => {
    const stage = new CoreStage();
    for (const verstat of [NOTHING, 'TN-Validation-Failed', '']) {
      const from = `<sip:${NUMBER};verstat${verstat && `=${verstat}`};vx=1@globex.example>;tag=1`;
      const via = `SIP/2.0/TLS edge.globex.example;branch=z9hG4bK${verstat}`;
      stage.request(stage.globex, fromPartner('MESSAGE', { from, via }));
      assert.equal(header(stage.one().text, 'From'), from);
    }
    const ours = `<sip:${NUMBER};verstat=${PASSED}@acme.example>;tag=1`;
    stage.request(stage.staff, fromInside('MESSAGE', { from: ours }));
    assert.equal(header(stage.one().text, 'From'), ours);
  });
});

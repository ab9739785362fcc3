import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CoreStage, fromInside, fromPartner, headers, responseTo } from '../core/core-stage.ts';

const ours = [
  'realm="acme.example"',
  'realm="ACME.example", nonce="1"',
  'realm = acme.example',
  'nonce="1", realm="pbx.acme.example"',
  'realm="sip.acme.example"',
  'realm="one.inner.example"',
  'realm="globex.example", realm="acme.example"',
  String.raw`realm="a\cme.example"`,
  'nonce="",\r\n\trealm="acme.example"',
];
const theirs = [
  'realm="globex.example"',
  'realm="acme.example.globex.example"',
  'realm="notacme.example"',
  'realm="asterisk", qop="auth"',
  'nonce="realm=acme", realm="globex.example"',
  'xrealm="acme.example", realm="globex.example"',
];

describe('passwords of ours', () => {
  for (const name of ['WWW-Authenticate', 'proxy-authenticate']) {
    const asked = (challenge: string): readonly string[] => {
      const stage = new CoreStage();
      stage.request(stage.staff, fromInside('INVITE'));
      const invite = stage.take().find(({ to }) => to === 'partner')?.text ?? '';
      stage.response('globex', responseTo(invite, 407, [`${name}: Digest ${challenge}`]));
      return headers(stage.take().find(({ to }) => to === 'origin')?.text ?? '', name);
    };
    for (const challenge of ours) {
      it(`are not asked for by a partner: ${name}: ${JSON.stringify(challenge)}`, () => {
        assert.deepEqual(asked(challenge), []);
      });
    }
    for (const challenge of theirs) {
      it(`are not meant: ${name}: ${challenge}`, () => {
        assert.deepEqual(asked(challenge), [`Digest ${challenge}`]);
      });
    }
  }

  for (const name of ['Authorization', 'PROXY-Authorization']) {
    const shown = (credentials: string): readonly string[] => {
      const stage = new CoreStage();
      const line = `${name}: Digest username="bob", ${credentials}, response="0"`;
      stage.request(stage.staff, fromInside('MESSAGE', { extra: [line] }));
      return headers(stage.take().find(({ to }) => to === 'partner')?.text ?? '', name);
    };
    for (const credentials of ours) {
      it(`are not shown to a partner: ${name}: ${JSON.stringify(credentials)}`, () => {
        assert.deepEqual(shown(credentials), []);
      });
    }
    for (const credentials of theirs) {
      it(`are not what it is shown: ${name}: ${credentials}`, () => {
        assert.equal(shown(credentials).length, 1);
      });
    }
  }

  it('are asked for by our own servers, and theirs are shown to these', () => {
    const stage = new CoreStage();
    const line = 'Proxy-Authorization: Digest username="alice", realm="acme.example", response="0"';
    stage.request(stage.globex, fromPartner('MESSAGE', { extra: [line] }));
    const inside = stage.take().at(-1)?.text ?? '';
    assert.ok(inside.includes(line));
    stage.response(
      'staff',
      responseTo(inside, 407, ['Proxy-Authenticate: Digest realm="acme.example"']),
    );
    assert.equal(headers(stage.one().text, 'Proxy-Authenticate').length, 1);
  });
});

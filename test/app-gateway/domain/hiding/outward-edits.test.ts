import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NAMED_MAX } from '@sallyport/app-gateway/domain/route-token.ts';
import fc from 'fast-check';
import {
  CoreStage,
  fromInside,
  fromPartner,
  header,
  headers,
  responseTo,
  type Sent,
  SITE,
} from '../core/core-stage.ts';

/** Every name and address of these tests' inside has one of these in it. */
const SECRET = /inner|corp\.local|10\.\d|fd00|SecretServer/i;

const innerHost = fc.constantFrom(
  'one.inner.example',
  'phone7.corp.local',
  '10.1.2.3',
  '[fd00::1]',
  'PBX.INNER.example:5071',
);
const innerUri = fc
  .tuple(
    fc.constantFrom('sip', 'sips'),
    fc.constantFrom('bob@', 'b%40b@', '', 'bob:pw@'),
    innerHost,
  )
  .map(([scheme, user, host]) => `${scheme}:${user}${host}`);
const contactUri = fc.oneof(
  innerUri,
  fc.constant('sip:bob@acme.example;maddr=10.1.2.3'),
  fc.constant('sip:bob@acme.example;received=10.1.2.3'),
  fc.constant('http://one.inner.example/'),
);
const nameAddr = (uri: fc.Arbitrary<string>) =>
  fc
    .tuple(
      fc.constantFrom('', 'Bob ', '"Bob, \\"B\\"" '),
      uri,
      fc.constantFrom('', ';q=0.5', ';expires=60'),
    )
    .map(([name, text, parameters]) => `${name}<${text}>${parameters}`);
const callId = fc
  .tuple(fc.constantFrom('abc-1@', 'abc-1-', ''), innerHost)
  .map(([local, host]) => `${local}${host}`);
const referTo = fc
  .tuple(fc.oneof(innerUri, fc.constantFrom('sip:x@globex.example', 'sip:c@acme.example')), callId)
  .map(
    ([uri, id]) =>
      `<${uri}?Replaces=${encodeURIComponent(id)}%3Bto-tag%3D1&Route=%3Csip%3A10.1.2.3%3E>`,
  );

/** Header lines that inner servers write, each with something of the inside in it. */
const revealing = fc.oneof(
  fc.tuple(fc.constantFrom('Contact', 'm', 'CONTACT', 'contact '), nameAddr(contactUri)),
  fc.tuple(
    fc.constant('Contact'),
    fc.array(nameAddr(contactUri), { minLength: 1, maxLength: 3 }).map((list) => list.join(',')),
  ),
  fc.tuple(
    fc.constantFrom('Record-Route', 'record-route'),
    innerUri.map((uri) => `<${uri};lr>`),
  ),
  fc.tuple(
    fc.constantFrom('Via', 'v'),
    innerHost.map((host) => `SIP/2.0/TCP ${host};branch=z9hG4bKx`),
  ),
  fc.tuple(
    fc.constantFrom(
      'Server',
      'User-Agent',
      'Organization',
      'Warning',
      'P-Charging-Vector',
      'P-Served-User',
    ),
    fc.constantFrom('399 one.inner.example "x"', 'SecretServer/1.0'),
  ),
  fc.tuple(
    fc.constantFrom(
      'P-Asserted-Identity',
      'p-preferred-identity',
      'Remote-Party-ID',
      'Diversion',
      'History-Info',
      'Path',
      'Service-Route',
      'Call-Info',
      'Alert-Info',
      'Error-Info',
      'Reply-To',
      'P-Called-Party-ID',
    ),
    innerUri.map((uri) => `<${uri}>`),
  ),
  fc.tuple(
    fc.constantFrom('Replaces', 'Join', 'Target-Dialog'),
    callId.map((id) => `${id};to-tag=1;from-tag=2`),
  ),
  fc.tuple(
    fc.constant('In-Reply-To'),
    fc.array(callId, { minLength: 1, maxLength: 3 }).map((ids) => ids.join(' , ')),
  ),
  fc.tuple(
    fc.constantFrom(
      'P-Any-Thing',
      'p-any',
      'Policy-Contact',
      'Permission-Missing',
      'Response-Source',
      'n',
    ),
    innerHost,
  ),
  fc.tuple(
    fc.constantFrom('X-Served-By', 'Reason', 'Feature-Caps', 'a'),
    fc.constantFrom(
      'one.inner.example',
      'x;y="SIP:TWO.Inner.Example:5061"',
      'at a.one.inner.example, 1 s',
      'gateway-2.inner.example',
    ),
  ),
  fc.tuple(
    fc.constant('Contact'),
    fc.constantFrom(
      '"on one.inner.example" <sip:bob@acme.example>',
      '<sip:bob@10.1.2.3>;path="<sip:one.inner.example>";q=1',
    ),
  ),
  fc.tuple(
    fc.constant('Refer-Events-At'),
    innerUri.map((uri) => `<${uri}>`),
  ),
  fc.tuple(fc.constantFrom('Refer-To', 'r'), referTo),
  fc.tuple(fc.constantFrom('Referred-By', 'b'), nameAddr(innerUri)),
);
/** Lines of which a message holds one at most are not repeated. */
const revealingLines = fc
  .uniqueArray(revealing, {
    maxLength: 8,
    selector: ([name]) => name.trim().toLowerCase().replace(/^r$/, 'refer-to'),
  })
  .map((pairs) => pairs.map(([name, value]) => `${name}: ${value}`));

function headOf(text: string): string {
  return text.slice(0, text.indexOf('\r\n\r\n'));
}

describe('what a partner sees of a message from inside (head only: bodies are relayed as they are)', () => {
  it('holds nothing of the inside in any request', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('MESSAGE', 'INVITE', 'SUBSCRIBE', 'REFER', 'NOTIFY', 'OPTIONS'),
        callId,
        revealingLines,
        (method, id, extra) => {
          const stage = new CoreStage();
          stage.request(stage.staff, fromInside(method, { callId: id, extra }));
          const sent = stage.take().find(({ to }) => to === 'partner');
          assert.ok(sent !== undefined, extra.join('\n'));
          assert.doesNotMatch(headOf(sent.text), SECRET);
          assert.match(sent.text, /^\w+ sip:alice@globex\.example SIP\/2\.0\r\n/);
        },
      ),
      { seed: 11, numRuns: 400 },
    );
  });

  it('holds nothing of the inside in any response', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('MESSAGE', 'INVITE', 'SUBSCRIBE'),
        fc.constantFrom(200, 302, 404, 486, 600),
        revealingLines,
        (method, status, extra) => {
          const stage = new CoreStage();
          stage.request(stage.globex, fromPartner(method));
          const request = stage.take().find(({ to }) => to === 'community') as Sent;
          const lines = extra.filter((line) => !/^(?:v|Via|r|Refer-To)\s*:/.test(line));
          lines.push('Route: <sip:one.inner.example;lr>');
          lines.push('Retry-After: 18 (one.inner.example rests);duration=9');
          const response = responseTo(request.text, status, lines);
          stage.response('staff', response.replace('Reason', 'Ask one.inner.example'));
          const answer = stage.take().find(({ to }) => to === 'origin');
          assert.ok(answer !== undefined, lines.join('\n'));
          assert.doesNotMatch(headOf(answer.text), SECRET);
          assert.equal(header(answer.text, 'Retry-After'), '18');
          assert.match(
            answer.text,
            new RegExp(
              `^SIP/2\\.0 ${status} (?:Success|Redirection|Client Error|Global Failure)\\r\\n`,
            ),
          );
        },
      ),
      { seed: 12, numRuns: 400 },
    );
  });

  it('holds nothing of the inside in CANCEL, ACK and our own answers', () => {
    const stage = new CoreStage();
    const id = 'q@one.inner.example';
    stage.request(stage.staff, fromInside('INVITE', { callId: id }));
    const invite = stage.take().at(-1) as Sent;
    stage.response('globex', responseTo(invite.text, 180));
    stage.request(stage.staff, fromInside('CANCEL', { callId: id }));
    stage.response('globex', responseTo(invite.text, 487));
    const outside = stage.take().filter(({ to }) => to === 'partner');
    assert.equal(outside.length, 2);
    for (const { text } of outside) assert.doesNotMatch(text, SECRET);
  });

  it('keeps what tells nothing', () => {
    const extra = [
      'Contact: <sip:bob@acme.example;gr=abc>',
      'Reply-To: <sip:bob@acme.example>',
      'X-Ours: 1',
      'Accept-Language: de',
      'Refer-To: <sip:carol@globex.example>',
      'Refer-Events-At: <sip:bob@acme.example>',
      'Reason: SIP;cause=200;text="someone.inner.example"',
      'Identity: abc;info=<https://one.inner.example/c.pem>',
      'Subject: is one.inner.example down?',
      'Proxy-Authorization: Digest realm="x", uri="sip:one.inner.example"',
    ];
    const stage = new CoreStage();
    stage.request(stage.staff, fromInside('REFER', { extra }));
    const { text } = stage.take().at(-1) as Sent;
    for (const line of extra) assert.ok(text.includes(`\r\n${line}\r\n`), line);
  });

  it('lacks what servers of Lync say of themselves, and keeps what they say to partners', () => {
    const stage = new CoreStage();
    stage.request(stage.globex, fromPartner('SUBSCRIBE'));
    const kept = [
      'ms-diagnostics-public: 1003;reason="User does not exist"',
      'Supported: ms-piggyback-first-notify',
    ];
    const extra = [
      ...kept,
      'ms-diagnostics: 1003;reason="User does not exist";source="fe01.corp.example"',
      'Ms-Application-Via: SIP;ms-urc-rs-from;ms-server=fe01.corp.example;ms-pool=pool.corp.example',
    ];
    stage.response('staff', responseTo(stage.one().text, 404, extra));
    const { text } = stage.one();
    assert.doesNotMatch(text, /corp/);
    for (const line of kept) assert.ok(text.includes(`\r\n${line}\r\n`), line);
  });

  it('lacks where Lync and Avaya say that a caller is', () => {
    const stage = new CoreStage();
    const extra = [
      'ms-subnet: 172.16.4.0',
      'Endpoint-View: <sip:1001@172.16.4.9;transport=tls;gsid=4d>;local-tag=1;call-id=a@172.16.4.9',
    ];
    stage.request(stage.staff, fromInside('INVITE', { extra }));
    const { text } = stage.take().at(-1) as Sent;
    assert.match(text, /^INVITE sip:alice@globex/);
    assert.doesNotMatch(text, /172\.16/);
  });

  it('lacks what says where a call of Lync failed', () => {
    const stage = new CoreStage();
    const extra = [
      'ms-client-diagnostics: 23;reason="Call failed";CallerMediaDebug="audio:LocalSite=pc7:20702"',
      'ms-endpoint-location-data: NetworkScope;ms-media-location-type=Intranet',
    ];
    stage.request(stage.staff, fromInside('MESSAGE', { extra }));
    assert.doesNotMatch(stage.one().text, /diagnostics|location-data/i);
  });

  it('lacks addresses of private networks in what passes unread, which no file of the site knows', () => {
    const stage = new CoreStage();
    const kept = ['X-Build: 9.10.0.0.1', 'X-Via-Us: 192.0.2.7', 'Subject: is 172.16.4.9 down?'];
    const extra = [
      'X-BroadWorks-DNC: network-address=sip:+12025550101@172.16.4.9;user=phone',
      'X-Real-IP: [fd12:3456::9]:5060',
      'Reason: Q.850;cause=38;text="%3172.16.4.9 timed out"',
      ...kept,
    ];
    stage.request(stage.staff, fromInside('INVITE', { extra }));
    const { text } = stage.take().at(-1) as Sent;
    for (const line of kept) assert.ok(text.includes(`\r\n${line}\r\n`), line);
    assert.doesNotMatch(text, /DNC|Real|Reason/);

    stage.response('globex', responseTo(text, 180));
    const reason = 'Reason: SIP;cause=200;text="by 172.16.4.9"';
    stage.request(stage.staff, fromInside('CANCEL', { extra: [reason] }));
    const cancel = stage.take().find((sent) => sent.text.startsWith('CANCEL'));
    assert.deepEqual(headers(cancel?.text ?? '', 'Reason'), []);

    stage.request(stage.globex, fromPartner('MESSAGE'));
    const said = responseTo(stage.one().text, 480, ['Retry-After: 9 (172.16.4.9 rests)']);
    stage.response('staff', said.replace('Reason', '172.16.4.9 is down'));
    const answer = stage.one().text;
    assert.match(answer, /^SIP\/2\.0 480 Client Error\r\n/);
    assert.equal(header(answer, 'Retry-After'), '9');
  });

  it('names what a partner knows us by, be it in a private network', () => {
    const site = { ...SITE, outsideHosts: new Set([...SITE.outsideHosts, '172.16.4.9']) };
    const stage = new CoreStage(site);
    const extra = ['X-Edge: 172.16.4.9'];
    stage.request(stage.staff, fromInside('MESSAGE', { extra }));
    assert.equal(header(stage.one().text, 'X-Edge'), '172.16.4.9');
  });

  it('lacks what is too long to hide, and keeps the rest', () => {
    const long = `${'x'.repeat(3100)}@one.inner.example`;
    const stage = new CoreStage();
    const extra = [
      `Contact: <sip:${long}>, <sip:bob@10.1.2.3>`,
      `Replaces: ${long};to-tag=7;from-tag=8`,
      `In-Reply-To: ${long}, short@one.inner.example`,
      `Refer-To: <sip:carol@globex.example?Replaces=${encodeURIComponent(long)}&Require=replaces>`,
    ];
    stage.request(stage.staff, fromInside('INVITE', { extra }));
    const { text } = stage.take().at(-1) as Sent;
    assert.doesNotMatch(text, /xxx|inner/);
    assert.match(header(text, 'Contact'), /^<sip:sp1-[^,]+>$/);
    assert.deepEqual(headers(text, 'Replaces'), []);
    assert.match(header(text, 'In-Reply-To'), /^sp1-[\w-]+$/);
    assert.equal(header(text, 'Refer-To'), '<sip:carol@globex.example?Require=replaces>');
  });

  it('is nothing where its Call-ID is too long to mask', () => {
    const stage = new CoreStage();
    const callId = `${'x'.repeat(3100)}@one.inner.example`;
    stage.request(stage.staff, fromInside('INVITE', { callId }));
    const [answer, ...more] = stage.take();
    assert.match(answer?.text ?? '', /^SIP\/2\.0 400 Bad Call-ID\r\n/);
    assert.equal(answer?.to, 'origin');
    assert.deepEqual(more, []);
    assert.deepEqual(stage.refusals, ['call-id-too-long']);
  });

  it('hides so many addresses and Call-IDs of a message, and leaves out what comes behind them', () => {
    const many = (one: (at: number) => string) =>
      Array.from({ length: NAMED_MAX + 9 }, (_, at) => one(at)).join(', ');
    const extra = [
      `In-Reply-To: ${many((at) => `${at}@one.inner.example`)}`,
      `Contact: ${many((at) => `<sip:${at}@one.inner.example>`)}`,
      'Contact: <sip:last@two.inner.example>',
    ];
    const stage = new CoreStage();
    stage.request(stage.staff, fromInside('INVITE', { extra }));
    const { text } = stage.take().at(-1) as Sent;
    assert.doesNotMatch(text, /inner/);
    for (const name of ['In-Reply-To', 'Contact']) {
      const [value = '', ...more] = headers(text, name);
      assert.equal(value.split(', ').length, NAMED_MAX);
      assert.match(value, /^(?:<sip:)?sp1-/);
      assert.deepEqual(more, []);
    }
    stage.request(stage.staff, fromInside('MESSAGE', { extra: [], callId: 'next@inner.example' }));
    assert.match(header((stage.take().at(-1) as Sent).text, 'Call-ID'), /^sp1-/);
  });

  it('hides an address of record of ours too where an inner route leads to it', () => {
    const extra = ['Contact: <sip:bob@acme.example>', 'Record-Route: <sip:one.inner.example;lr>'];
    const stage = new CoreStage();
    stage.request(stage.staff, fromInside('INVITE', { extra }));
    const { text } = stage.take().at(-1) as Sent;
    assert.match(header(text, 'Contact'), /^<sip:sp1-/);
  });
});

describe('what a partner must not bring in', () => {
  for (const name of [
    'P-Asserted-Identity',
    'P-Preferred-Identity',
    'Remote-Party-ID',
    'Diversion',
    'Path',
    'Service-Route',
    'MS-Edge-Proxy-Message-Trust',
    'p-charging-vector',
    'P-Any-Thing',
    'Attestation-Info',
  ]) {
    it(`${name} is taken off requests and responses`, () => {
      const extra = [`${name}: <sip:ceo@acme.example>`];
      const stage = new CoreStage();
      stage.request(stage.globex, fromPartner('MESSAGE', { extra }));
      assert.deepEqual(headers(stage.one().text, name), []);
      stage.request(stage.staff, fromInside('MESSAGE'));
      stage.response('globex', responseTo(stage.one().text, 200, extra));
      assert.deepEqual(headers(stage.one().text, name), []);
    });
  }
});

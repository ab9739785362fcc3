import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NO_PARTNERS, partnerTable } from '@sallyport/dmz-proxy/identity/partner.ts';
import {
  answerToFault,
  screenRequest,
  sipsOverPlainTcp,
  unavailable,
} from '@sallyport/dmz-proxy/identity/screening.ts';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { partnerSnapshot } from '../../integration/support/proxy-site.ts';
import { type RequestParts, request } from '../../integration/support/sip-text.ts';

const METHODS = 'INVITE BYE MESSAGE SUBSCRIBE NOTIFY PUBLISH OPTIONS'.split(' ');
const table = partnerTable(
  [{ ...partnerSnapshot(''), trustSets: [], methods: METHODS }],
  NO_PARTNERS,
  0,
);
const partner = table.ok ? table.value.byId.get('globex') : undefined;
assert.ok(partner);
const sender = {
  partner,
  domains: new Set(['globex.example']),
  hosts: new Set(['sip.hoster.example']),
};

function indexed(text: string): MessageIndex {
  const index = new MessageIndex({
    headBytesMax: 8192,
    bodyBytesMax: 8192,
    requestUriBytesMax: 512,
    lineBytesMax: 2048,
    headersMax: 64,
  });
  const bytes = Buffer.from(text, 'latin1');
  index.scan(bytes, 0, bytes.length);
  return index;
}

function subscription(method: string, contact: string): RequestParts {
  return { method, headers: ['Event: presence', `Contact: <${contact}>`] };
}

const own = new Set(['acme.example', 'sip.acme.example']);

const screened = (text: string) => {
  const index = indexed(text);
  return screenRequest(index, index.method(), sender, own);
};

describe('screening of a request', () => {
  const rows: readonly (readonly [what: string, parts: RequestParts, code: string | undefined])[] =
    [
      ['a MESSAGE of the partner', {}, undefined],
      ['its From in capitals', { from: 'sip:Alice@GLOBEX.example' }, undefined],
      ['its From with sips', { from: 'sips:alice@globex.example:5061' }, undefined],
      ['a subdomain', { from: 'sip:alice@sub.globex.example' }, 'from-domain-not-covered'],
      ['a longer domain', { from: 'sip:alice@notglobex.example' }, 'from-domain-not-covered'],
      [
        'an anonymous sender',
        { from: 'sip:anonymous@anonymous.invalid' },
        'from-domain-not-covered',
      ],
      ['a method that was not agreed', { method: 'REFER' }, 'method-not-allowed'],
      ['a CANCEL', { method: 'CANCEL' }, undefined],
      ['an ACK', { method: 'ACK' }, undefined],
      [
        'a CANCEL for another',
        { method: 'CANCEL', from: 'sip:a@initech.example' },
        'from-domain-not-covered',
      ],
      ['presence', { method: 'SUBSCRIBE', headers: ['Event: presence;id=1'] }, undefined],
      ['presence, in short', { method: 'SUBSCRIBE', headers: ['o: presence'] }, undefined],
      [
        'another package',
        { method: 'NOTIFY', headers: ['Event: dialog'] },
        'event-package-not-allowed',
      ],
      [
        'a template of a package',
        { method: 'SUBSCRIBE', headers: ['Event: presence.winfo'] },
        'event-package-not-allowed',
      ],
      ['no package', { method: 'SUBSCRIBE' }, 'event-package-not-allowed'],
      ['an Event that does not matter', { headers: ['Event: dialog'] }, undefined],
      ...(
        [
          ['sip:alice@globex.example', undefined],
          ['sip:alice@Edge7.GLOBEX.example:5061', undefined],
          ['sip:sip.hoster.example', undefined],
          ['sip:alice@192.0.2.7:5061', undefined],
          ['sip:alice@[2001:db8::7]', undefined],
          ['sip:alice@initech.example', 'contact-domain-not-covered'],
          ['sip:alice@notglobex.example', 'contact-domain-not-covered'],
          ['sip:alice@globex.example.evil.example', 'contact-domain-not-covered'],
          ['sip:alice@hoster.example', 'contact-domain-not-covered'],
          ['sip:alice@localhost', 'contact-domain-not-covered'],
          ['tel:+15551234567', 'contact-domain-not-covered'],
        ] as const
      ).flatMap(([uri, code]): (readonly [string, RequestParts, string | undefined])[] => [
        [`a subscription for ${uri}`, subscription('SUBSCRIBE', uri), code],
        [`a notification from ${uri}`, subscription('NOTIFY', uri), code],
        [`a publication from ${uri}`, subscription('PUBLISH', uri), undefined],
        [`a call from ${uri}`, subscription('INVITE', uri), undefined],
      ]),
      [
        'the second of two Contacts',
        subscription('SUBSCRIBE', 'sip:a@globex.example>, <sip:a@initech.example'),
        'contact-domain-not-covered',
      ],
      ['a bad Via', { branch: 'z9hG4bK;;;' }, 'sip-via-malformed'],
    ];
  for (const [what, parts, code] of rows) {
    it(`${what}: ${code ?? 'goes inside'}`, () => {
      assert.equal(screened(request(parts))?.code, code);
    });
  }

  it('names what is allowed in 405 and 489', () => {
    assert.match(screened(request({ method: 'REFER' }))?.headers[0] ?? '', /^Allow: INVITE, .*ACK/);
    const bad = screened(request({ method: 'SUBSCRIBE' }));
    assert.deepEqual(bad?.headers, ['Allow-Events: presence']);
  });

  it('says no more than 403 Forbidden for a refusal by policy', () => {
    const refused = screened(request({ from: 'sip:a@b.example' }));
    assert.deepEqual(
      [refused?.status, refused?.reasonPhrase, refused?.headers],
      [403, 'Forbidden', []],
    );
  });
});

describe('answers of the edge', () => {
  const optionsTo = (requestUri: string, method = 'OPTIONS', maxForwards = '70') => {
    const text = request({ method, requestUri }).replace(
      'Max-Forwards: 70',
      `Max-Forwards: ${maxForwards}`,
    );
    return screened(text)?.status;
  };

  it('OPTIONS to the edge itself is answered, to a user it is not (RFC 3261 §11)', () => {
    assert.equal(optionsTo('sip:acme.example'), 200);
    assert.equal(optionsTo('sip:SIP.acme.example:5061;transport=tls'), 200);
    assert.equal(optionsTo('sip:203.0.113.7:5061;transport=tls'), 200);
    assert.equal(optionsTo('sip:[2001:db8::7]'), 200);
    assert.equal(optionsTo('sip:bob@acme.example'), undefined);
    assert.equal(optionsTo('sip:bob@203.0.113.7'), undefined);
    assert.equal(optionsTo('sip:else.example'), undefined);
    assert.equal(optionsTo('sip:acme.example', 'MESSAGE'), undefined);
  });

  it('OPTIONS to the edge itself is told all that §11.2 asks for', () => {
    const said = screened(request({ method: 'OPTIONS', requestUri: 'sip:acme.example' }));
    assert.deepEqual(
      said?.headers.map((line) => line.slice(0, line.indexOf(':'))),
      ['Allow', 'Accept', 'Accept-Encoding', 'Accept-Language', 'Supported', 'Allow-Events'],
    );
  });

  it('OPTIONS whose hops end here is answered (RFC 3261 §16.3 step 3)', () => {
    assert.equal(optionsTo('sip:bob@acme.example', 'OPTIONS', '0'), 200);
    assert.equal(optionsTo('sip:bob@acme.example', 'OPTIONS', '00'), 200);
    assert.equal(optionsTo('sip:bob@acme.example', 'OPTIONS', '1'), undefined);
  });

  for (const [from, isAnswered] of [
    ['sip:sip.hoster.example:5058', true],
    ['sip:edge7.globex.example;transport=tls', true],
    ['sip:192.0.2.7', true],
    ['sip:ping@[2001:db8::7]:5061', true],
    ['sip:dispatcher@localhost', true],
    ['sip:hoster.example', false],
    ['sip:edge.initech.example', false],
    ['sip:bob@acme.example', false],
    ['tel:+12125550100', false],
  ] as const) {
    it(`OPTIONS from ${from} to the edge itself is ${isAnswered ? 'answered' : 'refused'}, to a user it is refused`, () => {
      const asked = (requestUri: string) =>
        screened(request({ method: 'OPTIONS', requestUri, from }));
      assert.equal(asked('sip:sip.acme.example:5061')?.status, isAnswered ? 200 : 403);
      assert.equal(asked('sip:bob@acme.example')?.status, 403);
    });
  }

  it('OPTIONS that demands an extension of the edge is told which are unknown (RFC 3261 §8.2.2.3)', () => {
    const demanding = request({ method: 'OPTIONS', requestUri: 'sip:acme.example' }).replace(
      'Max-Forwards: 70',
      'Max-Forwards: 70\r\nRequire: a, b\r\nProxy-Require: c',
    );
    const answer = screened(demanding);
    assert.equal(answer?.status, 420);
    assert.deepEqual(answer?.headers, ['Unsupported: c, a, b']);
  });

  it('a fault has its status, unavailability its Retry-After', () => {
    assert.equal(answerToFault('sip-head-too-large').status, 513);
    assert.deepEqual(unavailable('no-gateway', 5).headers, ['Retry-After: 5']);
  });
});

describe('a request that came without TLS', () => {
  for (const [requestUri, status] of [
    ['sips:bob@acme.example', 480],
    ['SIPS:acme.example', 480],
    ['sip:sips:x@acme.example', undefined],
    ['sip:bob@acme.example', undefined],
  ] as const) {
    it(`to ${requestUri} is ${status === undefined ? 'let through' : 'refused'} (RFC 5630 §5.3)`, () => {
      const answer = sipsOverPlainTcp(indexed(request({ requestUri })));
      assert.equal(answer?.status, status);
    });
  }
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  CoreStage,
  fromInside,
  fromPartner,
  header,
  headers,
  responseTo,
  type Sent,
  startLine,
} from './core-stage.ts';

function lines(sent: readonly Sent[]): string[] {
  return sent.map(({ to, text }) => `${to} ${startLine(text)}`);
}

describe('a MESSAGE from a partner', () => {
  it('goes inside with our Via on top, one hop less and everything else as it was', () => {
    const stage = new CoreStage();
    const extra = [
      'X-One: 1',
      'Subject: Gr\u00c3\u00bcn',
      'x-two:   2',
      'Supported: a, b',
      'Content-Type: text/plain',
    ];
    stage.request(stage.globex, fromPartner('MESSAGE', { extra, body: 'hello' }));
    const sent = stage.one();
    assert.equal(sent.where, 'staff/one.inner.example:5061');
    assert.equal(startLine(sent.text), 'MESSAGE sip:bob@acme.example SIP/2.0');
    const vias = headers(sent.text, 'Via');
    assert.match(
      vias[0] ?? '',
      /^SIP\/2\.0\/TLS gateway-1\.inner\.example:5061;branch=z9hG4bKnode1\.epoch00001/,
    );
    assert.equal(
      vias[1],
      'SIP/2.0/TLS edge.globex.example:5061;branch=z9hG4bKglobex1;received=192.0.2.1',
    );
    assert.equal(header(sent.text, 'Max-Forwards'), '69');
    assert.equal(header(sent.text, 'Max-Breadth'), '60');
    assert.deepEqual(headers(sent.text, 'Record-Route'), []);
    assert.match(
      sent.text,
      /CSeq: 1 MESSAGE\r\nX-One: 1\r\nSubject: Gr\u00c3\u00bcn\r\nx-two: {3}2\r\nSupported: a, b\r\nContent-Type: text\/plain\r\nContent-Length: 5\r\n\r\nhello$/,
    );
  });

  it('gets its answer back with its own Via lines, final', () => {
    const stage = new CoreStage();
    stage.request(stage.globex, fromPartner('MESSAGE'), 17);
    const { text } = stage.one();
    stage.response('staff', responseTo(text, 200));
    const answer = stage.one();
    assert.equal(answer.to, 'origin');
    assert.equal(answer.number, 17);
    assert.equal(answer.isFinal, true);
    assert.equal(startLine(answer.text), 'SIP/2.0 200 Reason');
    assert.deepEqual(headers(answer.text, 'Via'), [
      'SIP/2.0/TLS edge.globex.example:5061;branch=z9hG4bKglobex1;received=192.0.2.1',
    ]);
    assert.equal(stage.core.size, 0);
  });

  it('fills rport and keeps all values of a Via line in order (RFC 3581 §4)', () => {
    const stage = new CoreStage();
    const via =
      'SIP/2.0/TLS edge.globex.example;rport;branch=z9hG4bKa , SIP/2.0/UDP phone.globex.example;branch=z9hG4bKb';
    stage.request(stage.globex, fromPartner('MESSAGE', { via }));
    const { text } = stage.one();
    stage.response('staff', responseTo(text, 200));
    const [top, ...rest] = headers(stage.one().text, 'Via');
    assert.equal(rest.length, 0);
    assert.match(top ?? '', /;rport=40000/);
    assert.match(top ?? '', /;received=192\.0\.2\.1/);
    assert.match(top ?? '', /, SIP\/2\.0\/UDP phone\.globex\.example;branch=z9hG4bKb$/);
  });

  it('gets Max-Forwards 70 where it has none', () => {
    const stage = new CoreStage();
    stage.request(stage.globex, fromPartner('MESSAGE', { maxForwards: null }));
    assert.equal(header(stage.one().text, 'Max-Forwards'), '70');
  });

  it('is absorbed when it comes again while the first is under way', () => {
    const stage = new CoreStage();
    stage.request(stage.globex, fromPartner('MESSAGE'));
    stage.request(stage.globex, fromPartner('MESSAGE'));
    stage.one();
  });

  it('is another one when another partner shows the same branch', () => {
    const stage = new CoreStage();
    stage.request(stage.globex, fromPartner('MESSAGE'));
    stage.request(stage.initech, fromPartner('MESSAGE'));
    assert.equal(stage.take().length, 2);
  });

  it('allows requests back only by alias in its topmost Via', () => {
    const rows: readonly (readonly [string, boolean])[] = [
      ['SIP/2.0/TLS edge.globex.example;branch=z9hG4bK1;alias', true],
      ['SIP/2.0/TLS edge.globex.example;ALIAS;branch=z9hG4bK2', true],
      ['SIP/2.0/TLS edge.globex.example;branch=z9hG4bKalias', false],
      [
        'SIP/2.0/TLS e.globex.example;branch=z9hG4bK4, SIP/2.0/TLS f.example;branch=z9hG4bK5;alias',
        false,
      ],
    ];
    for (const [via, isReusable] of rows) {
      const stage = new CoreStage();
      stage.request(stage.globex, fromPartner('MESSAGE', { via }));
      assert.equal(stage.globex.isReusable, isReusable, via);
    }
  });
});

describe('a MESSAGE from inside', () => {
  it('leaves with our public Via alone', () => {
    const stage = new CoreStage();
    stage.request(stage.staff, fromInside('MESSAGE', { callId: 'abc@one.inner.example' }));
    const sent = stage.one();
    assert.equal(sent.to, 'partner');
    assert.equal(sent.target?.partner, 'globex');
    assert.equal(sent.target?.nextHop, 'sip:alice@globex.example');
    assert.match(
      header(sent.text, 'Via'),
      /^SIP\/2\.0\/TLS sip\.acme\.example:5061;branch=\S+;alias$/,
    );
    assert.match(header(sent.text, 'Call-ID'), /^sp1-[\w-]+$/);
    stage.response('globex', responseTo(sent.text, 200));
    const answer = stage.one();
    assert.equal(header(answer.text, 'Call-ID'), 'abc@one.inner.example');
    assert.match(
      header(answer.text, 'Via'),
      /^SIP\/2\.0\/TLS one\.inner\.example:5061;branch=z9hG4bKinner1/,
    );
  });
});

describe('a SIP version in small letters', () => {
  // RFC 3261 §7.1: read in any case, sent in capitals.
  it('goes on in capitals', () => {
    const stage = new CoreStage();
    stage.request(stage.globex, fromPartner('MESSAGE').replace('SIP/2.0', 'sip/2.0'));
    const request = stage.one().text;
    assert.equal(startLine(request), 'MESSAGE sip:bob@acme.example SIP/2.0');
    stage.response('staff', responseTo(request, 202).replace('SIP/2.0', 'Sip/2.0'));
    assert.equal(startLine(stage.one().text), 'SIP/2.0 202 Reason');
  });
});

describe('refusals', () => {
  interface Row {
    readonly name: string;
    readonly method?: string;
    readonly parts?: Parameters<typeof fromPartner>[1];
    readonly by?: 'globex' | 'initech' | 'staff';
    readonly expect: string;
    readonly line?: string;
  }
  const TOKEN = `sip:sp1-${'A'.repeat(60)}@sip.acme.example:5061;transport=tls`;
  const rows: readonly Row[] = [
    { name: 'Max-Forwards 0', parts: { maxForwards: 0 }, expect: '483 Too Many Hops' },
    {
      name: 'Max-Breadth 0',
      parts: { extra: ['Max-Breadth: 0'] },
      expect: '440 Max-Breadth Exceeded',
    },
    {
      name: 'Proxy-Require',
      parts: { extra: ['Proxy-Require: foo, bar'] },
      expect: '420 Bad Extension',
      line: 'Unsupported: foo, bar',
    },
    {
      name: 'OPTIONS to us that requires an extension',
      method: 'OPTIONS',
      parts: { uri: 'sip:sip.acme.example', extra: ['Require: foo'] },
      expect: '420 Bad Extension',
      line: 'Unsupported: foo',
    },
    { name: 'a tel URI', parts: { uri: 'tel:+123' }, expect: '416 Unsupported URI Scheme' },
    {
      name: 'a domain of ours without users',
      parts: { uri: 'sip:x@empty.acme.example' },
      expect: '404 Not Found',
    },
    ...['maddr=192.0.2.66', 'MADDR=one.inner.example', 'm%61ddr=10.1.2.3'].map((maddr) => ({
      name: `a way elsewhere, ${maddr}`,
      parts: { uri: `sip:bob@acme.example;${maddr}` },
      expect: '403 Forbidden',
    })),
    {
      name: 'a foreign domain',
      parts: { uri: 'sip:x@elsewhere.example' },
      expect: '403 Forbidden',
    },
    {
      name: 'a foreign route behind ours',
      parts: { extra: ['Route: <sip:sip.acme.example:5061;lr>, <sip:elsewhere.example;lr>'] },
      expect: '403 Forbidden',
    },
    {
      name: 'a method the partner may not use',
      method: 'INVITE',
      by: 'initech',
      expect: '405 Method Not Allowed',
      line: 'Allow: MESSAGE, ACK, CANCEL',
    },
    {
      name: 'a token that is not ours, outside a dialog',
      parts: { uri: TOKEN },
      expect: '404 Not Found',
    },
    {
      name: 'a token that is not ours, in a dialog',
      method: 'BYE',
      parts: { uri: TOKEN, to: '<sip:bob@acme.example>;tag=1' },
      expect: '481 Call/Transaction Does Not Exist',
    },
    {
      name: 'our public name without a user',
      parts: { uri: 'sip:sip.acme.example' },
      expect: '404 Not Found',
    },
    {
      name: 'a CANCEL of nothing',
      method: 'CANCEL',
      expect: '481 Call/Transaction Does Not Exist',
    },
    {
      name: 'a stranger as receiver',
      by: 'staff',
      parts: { uri: 'sip:x@elsewhere.example' },
      expect: '403 Forbidden',
    },
    {
      name: 'a sender that is not ours',
      by: 'staff',
      parts: { uri: 'sip:x@globex.example', from: '<sip:eve@elsewhere.example>;tag=1' },
      expect: '403 Forbidden',
    },
    {
      name: 'a route from inside back to the inside',
      by: 'staff',
      parts: {
        uri: 'sip:x@globex.example',
        from: '<sip:bob@acme.example>;tag=1',
        extra: ['Route: <sip:edge.globex.example;lr>, <sip:one.inner.example;lr>'],
      },
      expect: '403 Forbidden',
    },
    {
      name: 'our own domain from inside',
      by: 'staff',
      parts: { from: '<sip:bob@acme.example>;tag=1' },
      expect: '404 Not Found',
    },
    { name: 'a malformed Event', parts: { extra: ['Event: ;'] }, expect: '400' },
  ];
  for (const { name, method = 'MESSAGE', parts, by = 'globex', expect, line } of rows) {
    it(`${name} → ${expect}`, () => {
      const stage = new CoreStage();
      stage.request(stage[by], fromPartner(method, parts), 3);
      const { to, number, isFinal, text } = stage.one();
      assert.deepEqual([to, number, isFinal], ['origin', 3, true]);
      assert.ok(startLine(text).startsWith(`SIP/2.0 ${expect}`), text);
      if (line !== undefined) assert.ok(text.includes(`\r\n${line}\r\n`), text);
      assert.match(header(text, 'To'), /;tag=/);
      assert.equal(header(text, 'Content-Length'), '0');
      assert.doesNotMatch(text, /Server:|inner/);
      assert.equal(stage.core.size, 0);
      assert.deepEqual(stage.strays, method === 'CANCEL' ? ['cancel'] : []);
    });
  }

  it('never answers an ACK, whatever is wrong with it', () => {
    for (const { parts, by = 'globex' } of rows) {
      const stage = new CoreStage();
      stage.request(stage[by], fromPartner('ACK', parts));
      assert.deepEqual(
        stage.take().filter(({ to }) => to === 'origin'),
        [],
      );
    }
  });

  it('swallows the ACK to its own rejection, and lets it go nowhere', () => {
    const stage = new CoreStage();
    stage.request(stage.globex, fromPartner('INVITE', { maxForwards: 0 }));
    const to = header(stage.one().text, 'To');
    stage.request(stage.globex, fromPartner('ACK', { to }));
    assert.deepEqual(stage.take(), []);
  });

  it('takes a tag in the URI for no tag of the dialog', () => {
    const stage = new CoreStage();
    stage.request(
      stage.globex,
      fromPartner('MESSAGE', { maxForwards: 0, to: '<sip:bob@acme.example;tag=1>' }),
    );
    assert.match(header(stage.one().text, 'To'), />;tag=/);
  });

  it('refuses more transactions than it may hold', () => {
    const stage = new CoreStage();
    for (let i = 0; i < 101; i++) {
      const via = `SIP/2.0/TLS edge.globex.example;branch=z9hG4bK${i}`;
      stage.request(stage.globex, fromPartner('MESSAGE', { via }));
    }
    const refused = stage.take().at(-1);
    assert.equal(startLine(refused?.text ?? ''), 'SIP/2.0 503 Service Unavailable');
  });

  it('begins nothing new while it drains, and lets dialogs go on', () => {
    const stage = new CoreStage();
    stage.core.drain();
    stage.request(stage.globex, fromPartner('INVITE'));
    assert.deepEqual(lines(stage.take()), ['origin SIP/2.0 503 Service Unavailable']);
    stage.request(stage.globex, fromPartner('BYE', { to: '<sip:bob@acme.example>;tag=1' }));
    assert.equal(stage.one().to, 'community');
  });
});

describe('the To of an answer of ours (RFC 3261 §8.2.6.2)', () => {
  //  To                                        tags in the answer
  const rows: readonly (readonly [string, string])[] = [
    ['<sip:x@acme.example>', 'ours'],
    ['"y;tag=1" <sip:x@acme.example;tag=2>', 'ours'],
    ['<sip:x@acme.example>;y="> tag=1"', 'ours'],
    ['<sip:x@acme.example> ; TAG = 1', 'theirs'],
    ['<sip:x@acme.example>\r\n ;tag=1', 'theirs'],
    ['sip:x@acme.example;tag=1', 'theirs'],
  ];
  for (const [to, whose] of rows) {
    it(`${JSON.stringify(to)} has a tag that is ${whose}`, () => {
      const stage = new CoreStage();
      stage.request(stage.globex, fromPartner('MESSAGE', { to, uri: 'sip:x@stranger.example' }));
      const { text } = stage.one();
      assert.match(startLine(text), /^SIP\/2\.0 4/);
      assert.equal(text.includes(';tag=epoch00001'), whose === 'ours');
    });
  }
});

describe('a Timestamp in an INVITE (RFC 3261 §8.2.6.1)', () => {
  for (const [value, copied] of [
    ['54', '54'],
    ['54.21  1.5', '54.21  1.5'],
    ['54;x=1', undefined],
  ] as const) {
    it(`${value} comes back in the 100 alone: ${copied}`, () => {
      const stage = new CoreStage();
      stage.request(stage.globex, fromPartner('INVITE', { extra: [`Timestamp: ${value}`] }));
      const [trying, invite] = stage.take();
      assert.equal(startLine(trying?.text ?? ''), 'SIP/2.0 100 Trying');
      assert.deepEqual(headers(trying?.text ?? '', 'Timestamp'), copied ? [copied] : []);
      stage.response('staff', responseTo(invite?.text ?? '', 503));
      stage.response('staff', responseTo(stage.take().at(-1)?.text ?? '', 503));
      const refused = stage.take().find(({ to }) => to === 'origin')?.text ?? '';
      assert.match(startLine(refused), /^SIP\/2\.0 5/);
      assert.deepEqual(headers(refused, 'Timestamp'), []);
    });
  }
});

describe('the sender of a partner request', () => {
  for (const from of ['ceo@acme.example', 'mallory@initech.example', 'x@stranger.example']) {
    it(`is not believed to be ${from}, whatever the edge let through`, () => {
      const stage = new CoreStage();
      stage.request(stage.globex, fromPartner('MESSAGE', { from: `<sip:${from}>;tag=a1` }));
      assert.equal(startLine(stage.one().text), 'SIP/2.0 403 Forbidden');
    });
  }
});

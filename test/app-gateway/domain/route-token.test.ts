import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  isToken,
  type RouteToken,
  RouteTokens,
} from '@sallyport/app-gateway/domain/route-token.ts';
import { parseSipUri } from '@sallyport/shared/sip/uri.ts';
import fc from 'fast-check';

const KEY = Buffer.alloc(32, 1);
const tokens = new RouteTokens(KEY);
/** Knows nothing of what the other one has sealed, but for its key. */
const otherGateway = new RouteTokens(KEY);
/** Latin1 text without line breaks, as every header value is. */
const word = fc.string({
  unit: fc.integer({ min: 0x20, max: 0xff }).map((c) => String.fromCharCode(c)),
});
const anyToken: fc.Arbitrary<RouteToken> = fc.record(
  {
    kind: fc.constantFrom('contact', 'route', 'call-id'),
    partner: word,
    community: word,
    value: word,
    routes: fc.array(word, { maxLength: 4 }),
  },
  { noNullPrototype: true },
);
const SAMPLE: RouteToken = {
  kind: 'contact',
  partner: 'globex',
  community: 'staff',
  value: 'sip:bob@10.0.0.1:5061',
  routes: ['<sip:one.inner.example;lr>'],
};

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

function sealed(token: RouteToken): string {
  const text = tokens.seal(token);
  assert.ok(text.ok);
  return text.value;
}

describe('route tokens', () => {
  it('give back what was sealed, the same token for the same state', () => {
    fc.assert(
      fc.property(anyToken, (token) => {
        const text = sealed(token);
        assert.deepEqual(otherGateway.open(text), { ok: true, value: token });
        assert.deepEqual(tokens.open(text), { ok: true, value: token });
        assert.equal(sealed(token), text);
      }),
      { seed: 1 },
    );
  });

  for (const kind of ['contact', 'route'] as const) {
    it(`are known where they were sealed, and not opened: a ${kind}`, () => {
      const token = { ...SAMPLE, kind, value: 'sip:dave@10.0.0.3:5061' };
      const text = sealed(token);
      const [first, second] = [tokens.open(text), tokens.open(text)];
      assert.deepEqual(first, { ok: true, value: token });
      assert.ok(first.ok && second.ok && first.value === second.value);
    });
  }

  it('are remembered without the messages that they stood in', () => {
    const messages = 400;
    const bytes = 100_000;
    const here = new RouteTokens(KEY);
    const there = new RouteTokens(KEY);
    const message = (part: string) => Buffer.alloc(bytes, `${part};`).toString('latin1');
    const cut = (part: string) => message(part).slice(0, part.length);
    const before = heapBytes();
    const all = Array.from({ length: messages }, (_, at) => {
      const value = cut(`sip:number-${at}@one.inner.example`);
      const text = here.seal({ ...SAMPLE, value, routes: [cut(`<sip:one-${at}.example;lr>`)] });
      return text.ok && there.open(cut(text.value)).ok;
    });
    assert.ok(all.every(Boolean));
    const kept = heapBytes() - before;
    assert.ok(kept < (messages * bytes) / 10, `${kept} bytes`);
    assert.ok(here.seal(SAMPLE).ok && there.seal(SAMPLE).ok);
  });

  it('are told apart, however often and in whatever order they are opened', () => {
    const other = { ...SAMPLE, value: 'sip:carol@10.0.0.2:5061' };
    const [first, second] = [sealed(SAMPLE), sealed(other)];
    const changed = `${first.slice(0, -1)}${first.endsWith('A') ? 'E' : 'A'}`;
    for (const text of [first, first, second, changed, second, first, `${first}A`, first]) {
      const opened = tokens.open(text);
      if (text === first) assert.deepEqual(opened, { ok: true, value: SAMPLE });
      else if (text === second) assert.deepEqual(opened, { ok: true, value: other });
      else assert.equal(opened.ok, false);
    }
  });

  it('fit the user part of a SIP URI and a Call-ID as they are', () => {
    fc.assert(
      fc.property(anyToken, (token) => {
        const text = sealed(token);
        assert.match(text, /^sp1-[A-Za-z0-9_-]+$/);
        const uri = parseSipUri(`sip:${text}@acme.example`);
        assert.ok(uri.ok && uri.value.user === text);
      }),
      { seed: 2 },
    );
  });

  it('never open with any bit turned', () => {
    const text = sealed(SAMPLE);
    const bytes = Buffer.from(text.slice(4), 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const turned = Buffer.from(bytes);
      turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert.deepEqual(tokens.open(`sp1-${turned.toString('base64url')}`), {
        ok: false,
        error: 'token-not-ours',
      });
    }
  });

  it('never open with another key, nor cut short', () => {
    const text = sealed(SAMPLE);
    assert.equal(new RouteTokens(Buffer.alloc(32, 2)).open(text).ok, false);
    for (let end = 0; end < text.length - 1; end++) {
      assert.equal(tokens.open(text.slice(0, end)).ok, false, `${end}`);
    }
  });

  it('never throw, whatever is brought as one', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        assert.equal(tokens.open(text).ok, false);
        assert.equal(tokens.open(`sp1-${text}`).ok, false);
      }),
      { seed: 3 },
    );
    assert.deepEqual(tokens.open(`sp1-${'A'.repeat(5000)}`), {
      ok: false,
      error: 'token-malformed',
    });
  });

  it('open under one spelling only', () => {
    const text = sealed(SAMPLE);
    for (const other of [
      `${text}=`,
      `${text}==`,
      `${text}!`,
      `${text.slice(0, 10)}.${text.slice(10)}`,
    ]) {
      assert.equal(tokens.open(other).ok, false, other);
    }
  });

  it('are short: a Record-Route of ours stays below a hundred characters', () => {
    const text = sealed({
      kind: 'route',
      partner: 'globex',
      community: 'staff',
      value: 'edge-1/0/123456',
      routes: [],
    });
    assert.ok(text.length < 100, `${text.length}`);
  });

  it('are sealed only as long as they can be opened', () => {
    const head = '0\nglobex\nstaff\n'.length;
    const longest = { ...SAMPLE, value: 'x'.repeat(3045 - head), routes: [] };
    const text = sealed(longest);
    assert.equal(text.length, 4096);
    assert.deepEqual(otherGateway.open(text), { ok: true, value: longest });
    assert.deepEqual(tokens.seal({ ...longest, value: `${longest.value}x` }), {
      ok: false,
      error: 'token-too-long',
    });
    assert.deepEqual(tokens.seal({ ...longest, routes: [''] }), {
      ok: false,
      error: 'token-too-long',
    });
  });

  const fields = [
    { partner: 'glo\nbex' },
    { community: '\n' },
    { value: 'sip:bob@10.0.0.1\r\n' },
    { routes: ['<sip:one>', 'a\nb'] },
    { value: 'sip:b\u0142b@10.0.0.1' },
  ];
  for (const field of fields) {
    it(`are never made of ${JSON.stringify(field)}`, () => {
      assert.deepEqual(tokens.seal({ ...SAMPLE, ...field }), {
        ok: false,
        error: 'token-field-malformed',
      });
    });
  }

  it('are told from other text by their prefix', () => {
    assert.equal(isToken(sealed(SAMPLE)), true);
    assert.equal(isToken('bob'), false);
    assert.equal(isToken(undefined), false);
  });
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { isCallId } from '@sallyport/shared/sip/call-id.ts';
import { isContentType } from '@sallyport/shared/sip/content-type.ts';
import { startOfCseqMethod } from '@sallyport/shared/sip/cseq.ts';
import { endOfEventType } from '@sallyport/shared/sip/event.ts';
import { decimal } from '@sallyport/shared/sip/grammar.ts';
import { endOfHost } from '@sallyport/shared/sip/host.ts';
import { splitList } from '@sallyport/shared/sip/list.ts';
import { parseNameAddr } from '@sallyport/shared/sip/name-addr.ts';
import { parseTokenList } from '@sallyport/shared/sip/token-list.ts';
import { parseSipUri } from '@sallyport/shared/sip/uri.ts';
import { parseVia } from '@sallyport/shared/sip/via.ts';

interface FieldCase {
  readonly kind: string;
  readonly fn?: string;
  readonly input: string;
  readonly expect: 'accept' | 'reject';
}

type Parser = (text: string) => { readonly ok: boolean };

const PARSERS: Readonly<Record<string, Parser>> = {
  'hdr:allow': parseTokenList,
  'hdr:callid': whole(isCallId),
  'hdr:contact': parseNameAddr,
  'hdr:contact-list': allAddresses,
  'hdr:content_type': whole(isContentType),
  'hdr:cseq': whole((...value) => startOfCseqMethod(...value) >= 0),
  'hdr:event': whole((...value) => endOfEventType(...value) >= 0),
  'hdr:expires': whole((...value) => decimal(...value, 2 ** 32 - 1) >= 0),
  'hdr:fromto': parseNameAddr,
  'hdr:maxforwards': whole((...value) => decimal(...value, 255) >= 0),
  'hdr:opttag_list': parseTokenList,
  'hdr:refer_to': parseNameAddr,
  'hdr:route': parseNameAddr,
  'hdr:route_list': allAddresses,
  'hdr:via': parseVia,
  contact_list: allAddresses,
  display_name: parseNameAddr,
  host: wholeHost,
  nameaddr: parseNameAddr,
  uri: parseSipUri,
  uri_sip: parseSipUri,
};

/** Kinds that this edge has no parser for: the fields pass through unread. */
const UNREAD: readonly string[] = [
  ...['authinfo', 'challenge', 'branch', 'hdr:date', 'hdr:rack', 'hdr:replaces', 'hdr:rseq'],
  ...['hdr:subscription_state', 'qvalue', 'sipmsg', 'uri_tel'],
];

//  kind           input                      ours       because
const DIFFERENCES: readonly (readonly [string, string, 'accept' | 'reject', string])[] = [
  [
    'hdr:contact',
    'C <sip:a@b>;expires=a',
    'accept',
    'only end systems act on it, and take 3600 (RFC 3261 §20.10)',
  ],
  ...[
    ...['sip:a@b;q=a', 'sip:a@b;q=2', '<sip:a@b>;q=a', '<sip:a@b>;q=2'],
    ...['A <sip:a@b>;q=a', 'B <sip:a@b>;q=2'],
  ].map((input) => ['hdr:contact', input, 'accept', 'only end systems act on q'] as const),
  ['host', 'a.com', 'accept', 'a name is one; that function wants an IP address in Erlang terms'],
  ['uri', 'TEL:+16505550505', 'reject', 'a sound URI, but this parser is for SIP and SIPS: 416'],
  [
    'uri',
    'sip:%@b:5090',
    'reject',
    'RFC 3261 §25.1: escaped = "%" HEXDIG HEXDIG, and "%" is no user-unreserved',
  ],
];

for (const [file, source] of [
  ['ersip.json', 'ersip'],
  ['sipjs.json', 'SIP.js'],
] as const) {
  describe(`field values out of the tests of ${source}`, () => {
    for (const { kind, input, expect } of cases(file)) {
      const parser = PARSERS[kind];
      if (parser === undefined) {
        it(`${kind} is left unread`, () => assert.ok(UNREAD.includes(kind)));
        continue;
      }
      const difference = DIFFERENCES.find(([of, text]) => of === kind && text === input);
      const ours = difference?.[2] ?? expect;
      const why = difference === undefined ? '' : ` (${difference[3]})`;
      it(`${kind} ${JSON.stringify(input)}: ${ours}${why}`, () => {
        const text = Buffer.from(input, 'utf8').toString('latin1');
        assert.equal(parser(text).ok, ours === 'accept');
      });
    }
  });
}

describe('the list of differences', () => {
  it('names only cases that exist and differ', () => {
    const all = [...cases('ersip.json'), ...cases('sipjs.json')];
    for (const [kind, input, ours] of DIFFERENCES) {
      const found = all.find((one) => one.kind === kind && one.input === input);
      assert.notEqual(found?.expect, ours, `${kind} ${input}`);
      assert.ok(found, `${kind} ${input}`);
    }
  });
});

describe('field values of SIP.js, taken apart', () => {
  it('a URI', () => {
    const uri = parseSipUri(inputOf('uri'));
    assert.ok(uri.ok);
    assert.deepEqual(
      [uri.value.scheme, uri.value.host, uri.value.port, uri.value.user],
      ['sip', 'versatica.com', 6060, '%61liCE'],
    );
    assert.deepEqual([...uri.value.parameters.keys()], ['transport', 'foo', 'baz']);
  });

  it('a Via', () => {
    const via = parseVia(inputOf('hdr:via'));
    assert.ok(via.ok);
    assert.deepEqual([via.value.host, via.value.port], ['[1:ab::ff]', 6060]);
    assert.equal(via.value.parameters.get('branch'), '1234');
  });
});

function cases(file: string): readonly FieldCase[] {
  const url = new URL(`../../vectors/sip-fields/${file}`, import.meta.url);
  return (JSON.parse(readFileSync(url, 'utf8')) as { cases: FieldCase[] }).cases;
}

function inputOf(kind: string): string {
  return cases('sipjs.json').find((one) => one.kind === kind)?.input ?? '';
}

function whole(holds: (bytes: Uint8Array, start: number, end: number) => boolean): Parser {
  return (text) => {
    const bytes = Buffer.from(text, 'latin1');
    return { ok: holds(bytes, 0, bytes.length) };
  };
}

function wholeHost(text: string): { ok: boolean } {
  const bytes = Buffer.from(text);
  return { ok: endOfHost(bytes, 0, bytes.length) === bytes.length };
}

function allAddresses(text: string): { ok: boolean } {
  return { ok: splitList(text).every((part) => parseNameAddr(part).ok) };
}

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parseCallId } from '@sallyport/shared/sip/call-id.ts';
import { parseContact, parseContacts } from '@sallyport/shared/sip/contact.ts';
import { parseContentType } from '@sallyport/shared/sip/content-type.ts';
import { parseCseq } from '@sallyport/shared/sip/cseq.ts';
import { parseEvent } from '@sallyport/shared/sip/event.ts';
import { parseExpires } from '@sallyport/shared/sip/expires.ts';
import { endOfHost } from '@sallyport/shared/sip/host.ts';
import { splitList } from '@sallyport/shared/sip/list.ts';
import { parseMaxForwards } from '@sallyport/shared/sip/max-forwards.ts';
import { parseNameAddr } from '@sallyport/shared/sip/name-addr.ts';
import { parseSubscriptionState } from '@sallyport/shared/sip/subscription-state.ts';
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
  'hdr:callid': parseCallId,
  'hdr:contact': parseContact,
  'hdr:contact-list': parseContacts,
  'hdr:content_type': parseContentType,
  'hdr:cseq': parseCseq,
  'hdr:event': parseEvent,
  'hdr:expires': parseExpires,
  'hdr:fromto': parseNameAddr,
  'hdr:maxforwards': parseMaxForwards,
  'hdr:opttag_list': parseTokenList,
  'hdr:refer_to': parseNameAddr,
  'hdr:route': parseNameAddr,
  'hdr:route_list': allAddresses,
  'hdr:subscription_state': parseSubscriptionState,
  'hdr:via': parseVia,
  contact_list: parseContacts,
  display_name: parseNameAddr,
  host: wholeHost,
  nameaddr: parseNameAddr,
  uri: parseSipUri,
  uri_sip: parseSipUri,
};

/** Kinds that this edge has no parser for: the fields pass through unread. */
const UNREAD: readonly string[] = [
  ...['authinfo', 'challenge', 'branch', 'hdr:date', 'hdr:rack', 'hdr:replaces', 'hdr:rseq'],
  ...['qvalue', 'sipmsg', 'uri_tel'],
];

//  kind           input                      ours       because
const DIFFERENCES: readonly (readonly [string, string, 'accept' | 'reject', string])[] = [
  [
    'hdr:contact',
    'C <sip:a@b>;expires=a',
    'accept',
    'RFC 3261 §20.10: a malformed value counts as 3600',
  ],
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

  it('a list of Contacts', () => {
    const contacts = parseContacts(Buffer.from(inputOf('hdr:contact-list')).toString('latin1'));
    assert.ok(contacts.ok && contacts.value !== '*');
    assert.deepEqual(
      contacts.value.map(({ parameters }) => [...parameters]),
      [[['+sip.instance', '"abCD"']], [['headerparam', undefined]], []],
    );
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

function wholeHost(text: string): { ok: boolean } {
  const bytes = Buffer.from(text);
  return { ok: endOfHost(bytes, 0, bytes.length) === bytes.length };
}

function allAddresses(text: string): { ok: boolean } {
  return { ok: splitList(text).every((part) => parseNameAddr(part).ok) };
}

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Header } from '@sallyport/shared/sip/header-name.ts';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { parseSipUri } from '@sallyport/shared/sip/uri.ts';
import { parseVia } from '@sallyport/shared/sip/via.ts';
import { ROOMY, verdicts } from './message-verdict.ts';

const folder = new URL('../../vectors/rfc5118/', import.meta.url);

//  message                          section  verdict on a stream
const table: readonly (readonly [string, string, string])[] = [
  ['ipv6-good', '4.1', 'forward'],
  ['ipv6-bad', '4.2', '400'],
  ['port-ambiguous', '4.3', 'forward'],
  ['port-unambiguous', '4.4', 'forward'],
  ['via-received-param-with-delim', '4.5', 'forward'],
  ['via-received-param-no-delim', '4.5', 'forward'],
  ['ipv6-in-sdp', '4.6', 'forward wait'],
  ['mult-ip-in-header', '4.7', 'forward'],
  ['mult-ip-in-sdp', '4.8', 'forward wait'],
  ['ipv4-mapped-ipv6', '4.9', 'forward'],
  ['ipv6-bug-abnf-3-colons', '4.10', 'forward'],
  ['ipv6-correct-abnf-2-colons', '4.10', 'forward'],
];

describe('IPv6 torture messages (RFC 5118)', () => {
  for (const [name, section, verdict] of table) {
    it(`§${section} ${name} -> ${verdict}`, () => {
      assert.equal(verdicts(message(name)), verdict);
    });
  }

  it('has every message', () => {
    const files = readdirSync(folder).filter((file) => file.endsWith('.dat'));
    assert.deepEqual(table.map(([name]) => `${name}.dat`).sort(), files.sort());
  });

  it('§4.3 what looks like a port within the brackets is part of the address', () => {
    const uri = parseSipUri(scanned('port-ambiguous').requestUri());
    assert.ok(uri.ok);
    assert.equal(uri.value.host, '[2001:db8::10:5070]');
    assert.equal(uri.value.port, undefined);
  });

  it('§4.4 what stands behind the brackets is the port', () => {
    const uri = parseSipUri(scanned('port-unambiguous').requestUri());
    assert.ok(uri.ok);
    assert.equal(uri.value.host, '[2001:db8::10]');
    assert.equal(uri.value.port, 5070);
  });

  for (const [name, received] of [
    ['via-received-param-with-delim', '[2001:db8::9:255]'],
    ['via-received-param-no-delim', '2001:db8::9:255'],
  ] as const) {
    it(`§4.5 ${name}: received is ${received}`, () => {
      const via = parseVia(scanned(name).valueOf(Header.via) ?? '');
      assert.ok(via.ok);
      assert.equal(via.value.parameters.get('received'), received);
    });
  }
});

function scanned(name: string): MessageIndex {
  const bytes = message(name);
  const index = new MessageIndex(ROOMY);
  assert.ok(index.scan(bytes, 0, bytes.length) > 0);
  return index;
}

function message(name: string): Buffer {
  return readFileSync(new URL(`${name}.dat`, folder));
}

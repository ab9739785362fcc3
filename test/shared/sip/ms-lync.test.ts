import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Header } from '@sallyport/shared/sip/header-name.ts';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { fromDomain, topViaBranch } from '@sallyport/shared/sip/syntax-check.ts';
import { parseTokenList } from '@sallyport/shared/sip/token-list.ts';
import { ROOMY, verdicts } from './message-verdict.ts';

//  message                           verdict of the syntax, From domain, branch
const table: readonly (readonly [string, string, string, string | undefined])[] = [
  ['ms-pres-4.11-subscribe', 'forward', 'fabrikam.com', undefined],
  ['ms-pres-4.14-488', 'accept', 'contoso.com', undefined],
  ['ms-sip-4.11-xpidf-200', 'accept', 'host1', undefined],
  ['ms-sip-4.11-xpidf-subscribe', 'forward', 'host1', undefined],
];

describe('messages of Lync', () => {
  for (const [name, verdict, domain, branch] of table) {
    it(`${name}: ${verdict}`, () => {
      assert.equal(verdicts(message(name)), verdict);
      const index = scanned(name);
      assert.equal(fromDomain(index), domain);
      assert.equal(topViaBranch(index), branch);
    });
  }

  it('Proxy-Require names ms-benotify, which a strict proxy answers with 420', () => {
    const value = scanned('ms-pres-4.11-subscribe').valueOf(Header.proxyRequire) ?? '';
    assert.deepEqual(parseTokenList(value), { ok: true, value: ['ms-benotify'] });
  });
});

function scanned(name: string): MessageIndex {
  const bytes = message(name);
  const index = new MessageIndex(ROOMY);
  assert.equal(index.scan(bytes, 0, bytes.length), bytes.length);
  return index;
}

function message(name: string): Buffer {
  return readFileSync(new URL(`../../vectors/ms-lync/${name}.sip`, import.meta.url));
}

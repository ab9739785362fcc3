import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Header } from '@sallyport/shared/sip/header-name.ts';
import { parseMaxForwards } from '@sallyport/shared/sip/max-forwards.ts';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { parseTokenList } from '@sallyport/shared/sip/token-list.ts';
import { ROOMY, verdicts } from './message-verdict.ts';

const folder = new URL('../../vectors/rfc4475/', import.meta.url);

//  message       section     verdict on a stream
const table: readonly (readonly [string, string, string])[] = [
  ['wsinv', '3.1.1.1', 'forward'],
  ['intmeth', '3.1.1.2', 'forward'],
  ['esc01', '3.1.1.3', 'forward'],
  ['escnull', '3.1.1.4', 'forward'],
  ['esc02', '3.1.1.5', 'forward'],
  ['lwsdisp', '3.1.1.6', 'forward'],
  ['longreq', '3.1.1.7', 'forward'],
  ['dblreq', '3.1.1.8', 'forward forward wait'],
  ['semiuri', '3.1.1.9', 'forward'],
  ['transports', '3.1.1.10', 'forward'],
  ['mpart01', '3.1.1.11', 'forward'],
  ['unreason', '3.1.1.12', 'accept'],
  ['noreason', '3.1.1.13', 'accept'],
  ['badinv01', '3.1.2.1', '400'],
  ['clerr', '3.1.2.2', 'wait'],
  ['ncl', '3.1.2.3', '400 close'],
  ['scalar02', '3.1.2.4', '400'],
  ['scalarlg', '3.1.2.5', 'drop'],
  ['quotbal', '3.1.2.6', '400'],
  ['ltgtruri', '3.1.2.7', '400'],
  ['lwsruri', '3.1.2.8', '400'],
  ['lwsstart', '3.1.2.9', '400'],
  ['trws', '3.1.2.10', '400'],
  ['escruri', '3.1.2.11', '400'],
  ['baddate', '3.1.2.12', 'forward'],
  ['regbadct', '3.1.2.13', '400'],
  ['badaspec', '3.1.2.14', '400'],
  ['baddn', '3.1.2.15', '400'],
  ['badvers', '3.1.2.16', '505'],
  ['mismatch01', '3.1.2.17', '400'],
  ['mismatch02', '3.1.2.18', '400'],
  ['bigcode', '3.1.2.19', 'drop'],
  ['badbranch', '3.2.1', 'forward'],
  ['insuf', '3.3.1', '400'],
  ['unkscm', '3.3.2', '416'],
  ['novelsc', '3.3.3', '416'],
  ['unksm2', '3.3.4', 'forward'],
  ['bext01', '3.3.5', 'forward'],
  ['invut', '3.3.6', 'forward'],
  ['regaut01', '3.3.7', 'forward'],
  ['multi01', '3.3.8', '400 close'],
  ['mcl01', '3.3.9', '400 close'],
  ['bcast', '3.3.10', 'accept'],
  ['zeromf', '3.3.11', 'forward'],
  ['cparam01', '3.3.12', 'forward'],
  ['cparam02', '3.3.13', 'forward'],
  ['regescrt', '3.3.14', 'forward'],
  ['sdp01', '3.3.15', 'forward'],
  ['inv2543', '3.4.1', '400 close'],
];

describe('torture messages (RFC 4475): syntax', () => {
  for (const [name, section, verdict] of table) {
    it(`§${section} ${name} -> ${verdict}`, () => {
      assert.equal(verdicts(message(name)), verdict);
    });

    it(`§${section} ${name} in any two pieces -> ${verdict}`, () => {
      const bytes = message(name);
      for (let at = 1; at < bytes.length; at++) {
        assert.equal(verdicts(bytes, ROOMY, [at]), verdict, `split at ${at}`);
      }
    });
  }

  it('has every message', () => {
    const files = readdirSync(folder).filter((file) => file.endsWith('.dat'));
    assert.deepEqual(table.map(([name]) => `${name}.dat`).sort(), files.sort());
    assert.equal(files.length, 49);
  });

  it('§3.4.1 inv2543 with the Content-Length that a stream needs -> forward', () => {
    const text = message('inv2543').toString('latin1');
    const bodyBytes = text.length - text.indexOf('\r\n\r\n') - 4;
    const repaired = text.replace('\r\n\r\n', `\r\nContent-Length: ${bodyBytes}\r\n\r\n`);
    assert.equal(verdicts(Buffer.from(repaired, 'latin1')), 'forward');
  });

  it('§3.1.2.2 clerr is one message once its body has come', () => {
    const bytes = message('clerr');
    const bodyBytes = bytes.length - bytes.indexOf('\r\n\r\n') - 4;
    const rest = Buffer.alloc(9999 - bodyBytes, 0x20);
    assert.equal(verdicts(Buffer.concat([bytes, rest])), 'forward');
  });
});

describe('torture messages (RFC 4475): what a proxy reads to refuse them', () => {
  it('§3.3.5 bext01: option tags for 420', () => {
    const index = scanned('bext01');
    const tags = parseTokenList(index.valueOf(Header.proxyRequire) ?? '');
    assert.deepEqual(tags, {
      ok: true,
      value: ['noProxiesSupportThis', 'norDoAnyProxiesSupportThis'],
    });
  });

  it('§3.3.11 zeromf: no hop left, for 483', () => {
    const index = scanned('zeromf');
    assert.deepEqual(parseMaxForwards(index.valueOf(Header.maxForwards) ?? ''), {
      ok: true,
      value: 0,
    });
  });

  it('§3.1.1.1 wsinv: an unknown field keeps its value', () => {
    const index = scanned('wsinv');
    const line = index.bytes.indexOf('UnknownHeaderWithUnusualValue');
    const at = Array.from(index.lineStart).indexOf(line);
    assert.equal(index.value(at), ';;,,;;,;');
  });
});

function scanned(name: string): MessageIndex {
  const bytes = message(name);
  const index = new MessageIndex(ROOMY);
  assert.equal(index.scan(bytes, 0, bytes.length), bytes.length);
  return index;
}

function message(name: string): Buffer {
  return readFileSync(new URL(`${name}.dat`, folder));
}

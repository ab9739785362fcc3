import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import {
  formatWitnessRequest,
  parseWitnessRequest,
} from '@sallyport/shared/audit/witness-request.ts';

const { witnessRequest } = JSON.parse(
  readFileSync(new URL('../../vectors/audit/notes.json', import.meta.url), 'utf8'),
) as { readonly witnessRequest: string };
const HASH = 'PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n';
const NOTE = 'a\n0\nx\n\n— a AQIDBAUG\n';

describe('request to a witness (C2SP tlog-witness)', () => {
  it('of the specification', () => {
    const request = parseWitnessRequest(Buffer.from(witnessRequest));
    assert.ok(request.ok);
    assert.equal(request.value.oldSize, 20_852_014);
    assert.equal(request.value.proof.length, 4);
    assert.equal(request.value.note.signatures.length, 2);
    assert.equal(formatWitnessRequest(request.value).toString(), witnessRequest);
  });

  for (const text of [`old 0\n\n${NOTE}`, `old 1\n${HASH.repeat(63)}\n${NOTE}`]) {
    it(`is written as it was read: ${text.slice(0, 20)}`, () => {
      const request = parseWitnessRequest(Buffer.from(text));
      assert.equal(request.ok && formatWitnessRequest(request.value).toString(), text);
    });
  }

  for (const text of [
    '',
    'old 0\n',
    `old 0\n${NOTE}`,
    `old 00\n\n${NOTE}`,
    `old -1\n\n${NOTE}`,
    `old\n\n${NOTE}`,
    `Old 1\n\n${NOTE}`,
    `old 9007199254740992\n\n${NOTE}`,
    `old 1\n${HASH.repeat(64)}\n${NOTE}`,
    `old 1\n${HASH.slice(1)}\n${NOTE}`,
    `old 1\n${HASH.replace('kaw=', 'kax=')}\n${NOTE}`,
    'old 1\n\nno note',
    `old 1\r\n\n${NOTE}`,
  ]) {
    it(`is none: ${JSON.stringify(text.slice(0, 40))}`, () => {
      const result = parseWitnessRequest(Buffer.from(text));
      assert.deepEqual(result, { ok: false, error: 'witness-request-malformed' });
    });
  }
});

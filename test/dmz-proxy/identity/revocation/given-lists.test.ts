import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { givenLists } from '@sallyport/dmz-proxy/identity/revocation/given-lists.ts';
import { encodePem } from '@sallyport/shared/x509/pem.ts';
import { listPem } from './list-stage.ts';

const good = await listPem();
const rows = [
  ['a list', good, undefined],
  ['no PEM', 'list', 'list-malformed'],
  ['something else in PEM', encodePem(Buffer.of(5, 0), 'X509 CRL'), 'list-malformed'],
] as const;

describe('lists of a snapshot', () => {
  for (const [name, pem, fault] of rows) {
    it(`${name}: ${fault ?? 'parsed'}`, () => {
      const [list] = givenLists([pem], []);
      assert.equal(list?.parsed.ok === false ? list.parsed.error : undefined, fault);
    });
  }

  it('are parsed once, however many snapshots bring them', () => {
    const before = givenLists([good, 'x'], []);
    const after = givenLists(['y', good], before);
    assert.equal(after[1], before[0]);
    assert.equal(after[0]?.pem, 'y');
  });
});

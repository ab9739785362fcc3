import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { doubtOfMethod, KNOWN_METHODS } from '@sallyport/app-gateway/config/doubtful-method.ts';

const meant = (method: string) => /did you mean (\w+)\?/.exec(doubtOfMethod(method) ?? '')?.[1];

describe('a method that was written down', () => {
  it('is no matter of doubt where this program knows it', () => {
    for (const method of KNOWN_METHODS) assert.equal(doubtOfMethod(method), undefined, method);
  });

  //  written       meant
  const table: readonly (readonly [string, string | undefined])[] = [
    ['MESAGE', 'MESSAGE'],
    ['MESSAGES', 'MESSAGE'],
    ['MSSAGE', 'MESSAGE'],
    ['NOTFIY', 'NOTIFY'],
    ['OPTION', 'OPTIONS'],
    ['SUBSRIBE', 'SUBSCRIBE'],
    ['AKC', 'ACK'],
    ['IVNIET', 'INVITE'],
    ['REGISTRE', 'REGISTER'],
    // Three slips are another word, and so is one slip in two letters.
    ['MSAG', undefined],
    ['YE', undefined],
    ['SERVICE', undefined],
    ['PING', undefined],
    ['X-CHAT', undefined],
  ];
  for (const [written, name] of table) {
    it(`${written}: ${name ?? 'an extension'}`, () => {
      assert.match(doubtOfMethod(written) ?? '', /^\S+ is no registered SIP method; .*passed on/);
      assert.equal(meant(written), name);
    });
  }

  it('is told where it is registered and means nothing here', () => {
    assert.match(doubtOfMethod('REGISTER') ?? '', /knows nothing of/);
    assert.equal(meant('REGISTER'), undefined);
  });
});

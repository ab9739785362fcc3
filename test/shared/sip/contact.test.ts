import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseContact, parseContacts } from '@sallyport/shared/sip/contact.ts';

//  text                      q            expires
const accepted: readonly (readonly [string, number | undefined, number | undefined])[] = [
  ['<sip:a@b>', undefined, undefined],
  ['<sip:a@b>;q=0.7;expires=60', 0.7, 60],
  ['<sip:a@b>;q=1.000', 1, undefined],
  ['<sip:a@b>;q=0.', 0, undefined],
  ['<sip:a@b>;expires=4294967295', undefined, 4_294_967_295],
  ['<sip:a@b>;expires=280297596632815', undefined, 3600],
  ['<sip:a@b>;expires=a', undefined, 3600],
  ['<sip:a@b>;expires', undefined, 3600],
];

const refused = [
  '',
  'a@b',
  '<sip:a@b>;q',
  '<sip:a@b>;q=a',
  '<sip:a@b>;q=2',
  '<sip:a@b>;q=1.1',
  '<sip:a@b>;q=1.001',
  '<sip:a@b>;q=-0',
  '<sip:a@b>;q=0.5000',
  '<sip:a@b>;q=0.500a',
  '<sip:a@b>;;',
];

describe('Contact (RFC 3261 §20.10)', () => {
  for (const [text, q, expires] of accepted) {
    it(`takes ${text}`, () => {
      const contact = parseContact(text);
      assert.ok(contact.ok);
      assert.deepEqual([contact.value.q, contact.value.expires], [q, expires]);
    });
  }

  for (const text of refused) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.deepEqual(parseContact(text), { ok: false, error: 'sip-contact-malformed' });
    });
  }

  it('takes a list apart, and a star alone', () => {
    const list = parseContacts('"a, b" <sip:a@b>;q=0.1, sip:c@d;x, <sip:e@f?g=h>');
    assert.ok(list.ok && list.value !== '*');
    assert.deepEqual(
      list.value.map(({ uri }) => uri),
      ['sip:a@b', 'sip:c@d', 'sip:e@f?g=h'],
    );
    assert.deepEqual(parseContacts('*'), { ok: true, value: '*' });
  });

  for (const text of ['*, *', '*, <sip:a@b>', '<sip:a@b>,', ',<sip:a@b>', '<sip:a@b>,,<sip:c@d>']) {
    it(`refuses the list ${text}`, () => {
      assert.deepEqual(parseContacts(text), { ok: false, error: 'sip-contact-malformed' });
    });
  }
});

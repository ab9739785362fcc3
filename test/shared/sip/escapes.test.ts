import assert from 'node:assert/strict';
import { it } from 'node:test';
import { unescapedText } from '@sallyport/shared/sip/escapes.ts';

it('a text without its escapes is made of the bytes that they stand for, and of no more than it says once', () => {
  assert.equal(unescapedText('a%40b%2Ec%2ed%'), 'a@b.c.d%');
  assert.equal(unescapedText('%2540%zz%c3%BC'), '%40%zz\u00c3\u00bc');
});

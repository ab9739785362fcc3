import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Header } from '@sallyport/shared/sip/header-name.ts';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { optionTags } from '@sallyport/shared/sip/option-tags.ts';
import { ROOMY } from './message-verdict.ts';

//  fields                                              tags of Require
const table: readonly (readonly [readonly string[], readonly string[]])[] = [
  [[], []],
  [['Require: 100rel'], ['100rel']],
  [['Require: 100rel, Timer'], ['100rel', 'Timer']],
  [
    ['Require: a', 'Proxy-Require: b', 'require: c,\r\n d'],
    ['a', 'c', 'd'],
  ],
  [['Proxy-Require: b'], []],
  [['Require: a b', 'Require: c'], ['c']],
];

describe('option tags of a message (RFC 3261 §19.2)', () => {
  for (const [fields, tags] of table) {
    it(`${JSON.stringify(fields)} -> ${tags.join(' ') || 'none'}`, () => {
      const lines = ['OPTIONS sip:b SIP/2.0', ...fields, 'Content-Length: 0', '', ''];
      const bytes = Buffer.from(lines.join('\r\n'));
      const index = new MessageIndex(ROOMY);
      assert.equal(index.scan(bytes, 0, bytes.length), bytes.length);
      assert.deepEqual(optionTags(index, Header.require), tags);
    });
  }
});

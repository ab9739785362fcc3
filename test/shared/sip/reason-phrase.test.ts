import assert from 'node:assert/strict';
import { it } from 'node:test';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { isWordless, phraseOfClass } from '@sallyport/shared/sip/reason-phrase.ts';
import { LIMITS, message } from '../../app-gateway/domain/core/core-stage.ts';

it('a status has the words of its class (RFC 3261 §7.2)', () => {
  const rows: readonly (readonly [number, string])[] = [
    [100, 'Provisional'],
    [199, 'Provisional'],
    [200, 'Success'],
    [302, 'Redirection'],
    [499, 'Client Error'],
    [503, 'Server Error'],
    [699, 'Global Failure'],
    [700, 'Unknown'],
  ];
  for (const [status, phrase] of rows) assert.equal(phraseOfClass(status), phrase);
});

it('a response without a reason phrase is wordless, and so is one of white space', () => {
  const index = new MessageIndex(LIMITS);
  const rows = [
    ['', true],
    ['  \t ', true],
    ['x', false],
    ['  x', false],
    ['x  ', false],
  ] as const;
  for (const [phrase, expected] of rows) {
    const bytes = Buffer.from(`before${message([`SIP/2.0 200 ${phrase}`])}behind`, 'latin1');
    assert.ok(index.scan(bytes, 6, bytes.length - 6) > 0);
    assert.equal(isWordless(index), expected, JSON.stringify(phrase));
  }
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseEvent } from '@sallyport/shared/sip/event.ts';

//  text                    event type        id
const accepted: readonly (readonly [string, string, string | undefined])[] = [
  ['presence', 'presence', undefined],
  ['presence.winfo', 'presence.winfo', undefined],
  ['dialog;id=1', 'dialog', '1'],
  ['dialog ; ID = 1 ; x="@"', 'dialog', '1'],
];

const refused = [
  '',
  '.presence',
  'presence.',
  'presence..winfo',
  'dialog@x',
  'dialog;id',
  'dialog;id=@',
  'dialog;id="@"',
  'dialog;@=1',
  'dialog;id=1,*',
  'dialog;?',
  'dialog;;;;',
  'dialog;id=1;id=2',
  'dialog, presence',
  '\u0142',
];

describe('Event (RFC 6665 §8.2.1)', () => {
  for (const [text, eventType, id] of accepted) {
    it(`${text} is ${eventType}`, () => {
      const event = parseEvent(text);
      assert.ok(event.ok);
      assert.deepEqual([event.value.eventType, event.value.id], [eventType, id]);
    });
  }

  for (const text of refused) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.deepEqual(parseEvent(text), { ok: false, error: 'sip-event-malformed' });
    });
  }
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { endOfEventType } from '@sallyport/shared/sip/event.ts';

//  text                    event type
const accepted: readonly (readonly [string, string])[] = [
  ['presence', 'presence'],
  ['presence.winfo', 'presence.winfo'],
  ['dialog;id=1', 'dialog'],
  ['dialog ; ID = 1 ; x="@"', 'dialog'],
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
  'dialog, presence',
  '\u0142',
];

describe('Event (RFC 6665 §8.2.1)', () => {
  for (const [text, eventType] of accepted) {
    it(`${text} is ${eventType}`, () => {
      assert.equal(eventTypeOf(text), eventType);
    });
  }

  for (const text of refused) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.equal(eventTypeOf(text), undefined);
    });
  }
});

function eventTypeOf(text: string): string | undefined {
  const bytes = Buffer.from(text, 'utf8');
  const end = endOfEventType(bytes, 0, bytes.length);
  return end < 0 ? undefined : bytes.toString('utf8', 0, end);
}

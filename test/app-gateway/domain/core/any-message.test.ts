import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import fc from 'fast-check';
import { CoreStage, fromInside, fromPartner, LIMITS, responseTo } from './core-stage.ts';

const EXTRA = [
  'Contact: <sip:bob@10.0.0.1:5070>;q=0.5, "B" <sip:b@inner.example>',
  'Route: <sip:sip.acme.example:5061;lr>',
  'Refer-To: <sip:x@inner.example?Replaces=a%40b%3Bto-tag%3D1>',
  'Replaces: a@b;to-tag=1;from-tag=2',
  'Record-Route: <sip:one.inner.example;lr>, <sip:two.inner.example;lr>',
];

/** A message with a few bytes changed, cut, doubled or put in. */
function mutated(text: string): fc.Arbitrary<string> {
  const place = fc.nat({ max: text.length - 1 });
  const edit = fc.tuple(
    place,
    fc.nat({ max: 6 }),
    fc.oneof(
      fc.constantFrom('', ':', ';', ',', '<', '>', '"', '\\', '%', '\r\n ', '@', ' ', 'sip:'),
      fc.string({ maxLength: 3 }),
    ),
  );
  return fc.array(edit, { minLength: 1, maxLength: 4 }).map((edits) => {
    let changed = text;
    for (const [at, cut, put] of edits)
      changed = changed.slice(0, at) + put + changed.slice(at + cut);
    return changed;
  });
}

describe('the core survives any message that can be delimited', () => {
  const index = new MessageIndex(LIMITS);

  function feed(stage: CoreStage, text: string, isOutside: boolean): void {
    const bytes = Buffer.from(text, 'latin1');
    const length = index.scan(bytes, 0, bytes.length);
    if (length <= 0 || index.fatal) return;
    if (index.isRequest) stage.core.request(index, isOutside ? stage.globex : stage.staff, 1);
    else stage.core.response(index, isOutside ? 'globex' : 'staff');
  }

  for (const method of ['INVITE', 'MESSAGE', 'ACK', 'CANCEL', 'REFER']) {
    it(`${method}, from either side`, () => {
      const outside = fromPartner(method, { extra: EXTRA });
      const inside = fromInside(method, { extra: EXTRA, callId: 'a@inner.example' });
      fc.assert(
        fc.property(mutated(outside), mutated(inside), (one, two) => {
          const stage = new CoreStage();
          feed(stage, one, true);
          feed(stage, two, false);
          for (const { to, text } of stage.take()) {
            const bytes = Buffer.from(text, 'latin1');
            const length = index.scan(bytes, 0, bytes.length);
            if (to !== 'origin' || length > 0) assert.equal(length, bytes.length, text);
          }
        }),
        { seed: 21, numRuns: 300 },
      );
    });
  }

  it('a response to a request under way', () => {
    const stage = new CoreStage();
    stage.request(stage.globex, fromPartner('INVITE', { extra: EXTRA.slice(0, 1) }));
    const invite = stage.take().at(-1)?.text ?? '';
    fc.assert(
      fc.property(mutated(responseTo(invite, 180, EXTRA.slice(0, 1))), (text) => {
        feed(stage, text, false);
        for (const { text: sent } of stage.take()) {
          const bytes = Buffer.from(sent, 'latin1');
          assert.equal(index.scan(bytes, 0, bytes.length), bytes.length, sent);
        }
      }),
      { seed: 22, numRuns: 500 },
    );
  });
});

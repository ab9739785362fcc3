import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Ladder, LadderStep } from '@sallyport/app-gateway/ledger/render/ladder.ts';
import { ladderSvg } from '@sallyport/app-gateway/ledger/render/ladder-svg.ts';

const START_MS = Date.UTC(2026, 10, 21, 23, 59, 59);
/** A wide letter of a usual sans-serif font, in sizes of it. */
const LETTER = 0.6;

function step(index: number, from: number, to: number, label: string): LadderStep {
  const kind = from === to ? 'remark' : 'request';
  return { index, timeMs: START_MS + index * 1000, from, to, label, kind };
}

const LONG = 'ACK sip:sp1-uCKo12mkPteFP4TYIPt06M12t2JTtQcWkZNGufspNY6I_vQ…';
const LADDER: Ladder = {
  callId: 'c1',
  lanes: ['globex', 'edge-1/0', 'gateway-1/0'],
  steps: [
    step(0, 0, 1, LONG),
    step(123_456_789, 1, 0, 'BYE'),
    step(2, 2, 2, 'policy-decision refused partner-severed no-open-relay 403'),
  ],
  leftOut: 3,
};

/** Where each text begins and ends, as far as letters can be guessed. */
function texts(svg: string): ReadonlyMap<string, readonly [number, number]> {
  const found = svg.matchAll(/<text x="([\d.]+)"([^>]*)>([^<]*)<\/text>/g);
  return new Map(
    [...found].map(([, x, attributes = '', text = '']) => {
      const size = Number(/font-size="(\d+)"/.exec(attributes)?.[1] ?? 13);
      const width = [...text].length * size * LETTER;
      const start = Number(x) - (attributes.includes('middle') ? width / 2 : 0);
      return [text, [start, start + width]];
    }),
  );
}

describe('a call as a picture', () => {
  const svg = ladderSvg(LADDER);
  const found = texts(svg);
  const lanes = [...svg.matchAll(/<line x1="(\d+)" y1="84"/g)].map(([, x]) => Number(x));

  it('keeps what stands on an arrow between its lanes', () => {
    assert.equal(lanes.length, 3);
    const [start, end] = found.get(LONG) ?? [0, 0];
    assert.ok(
      start > Number(lanes[0]) && end < Number(lanes[1]),
      `${start} to ${end}: ${lanes.join()}`,
    );
  });

  it('keeps times left of the first lane, and everything within the picture', () => {
    const width = Number(/ width="(\d+)"/.exec(svg)?.[1]);
    for (const [text, [start, end]] of found) {
      assert.ok(start >= 0 && end <= width, `${text}: ${start} to ${end} of ${width}`);
      if (/^\d\d:/.test(text)) assert.ok(end < Number(lanes[0]), text);
    }
  });

  it('says on which days it was, how much is left out, and shrinks to the paper', () => {
    assert.ok(found.has('from 2026-11-21T23:59:59.000Z to 2026-11-22T00:00:01.000Z'));
    assert.ok(found.has('and 3 more'));
    assert.match(svg, /max-width: 100%/);
  });

  it('is wide enough for a long Call-ID, and cuts one that is too long', () => {
    for (const callId of ['c'.repeat(100), 'c'.repeat(3000)]) {
      const shown = texts(ladderSvg({ ...LADDER, callId }));
      const [title = ''] = [...shown.keys()];
      assert.ok([...title].length <= 120, title);
      assert.ok((shown.get(title)?.[1] ?? 0) < 1400);
    }
  });

  it('lets no lane run through the words on an arrow across it', () => {
    const across = ladderSvg({ ...LADDER, steps: [step(0, 0, 2, 'BYE'), step(1, 0, 1, 'ACK')] });
    assert.match(across, /<rect [^>]*fill="#ffffff"\/><text [^>]*>BYE</);
    assert.doesNotMatch(across, /<rect [^>]*\/><text [^>]*>ACK</);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  CoreStage,
  fromInside,
  fromPartner,
  header,
  type Sent,
  startLine,
} from '../app-gateway/domain/core/core-stage.ts';

/*
 * Numbers of fields at the ends of what they may be, from either side, against arithmetic that loses no digit.
 */

const ENDS = [0, 1, 2, 60, 61, 255, 256, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1];
const NUMBERS = [...ENDS.map(String), '9007199254740992', '18446744073709551616', '9'.repeat(60)];
const WRITTEN = NUMBERS.flatMap((digits) => [digits, `0${digits}`, `${'0'.repeat(40)}${digits}`]);
const NO_NUMBERS = [
  '',
  '-1',
  '+1',
  '1.0',
  '1e1',
  '0x1',
  '1;x',
  '1, 1',
  '1 1',
  '\u00b2',
  '\u0661',
  '"1"',
];

/** What is answered, or how the field goes on; undefined where it goes on as it was written. */
type Outcome = number | string | undefined;

interface Field {
  readonly max: bigint;
  /** Of a number that it may be. */
  readonly outcome: (value: bigint) => Outcome;
}

const FIELDS: Readonly<Record<string, Field>> = {
  'Max-Forwards': {
    max: 255n,
    outcome: (hops) => (hops === 0n ? 483 : String(hops - 1n)),
  },
  'Max-Breadth': {
    max: BigInt(Number.MAX_SAFE_INTEGER),
    outcome: (breadth) => (breadth === 0n ? 440 : breadth > 60n ? '60' : undefined),
  },
  Expires: { max: 2n ** 32n - 1n, outcome: () => undefined },
  CSeq: { max: 2n ** 31n - 1n, outcome: () => undefined },
};

function outcomeOf({ max, outcome }: Field, text: string): Outcome {
  if (!/^[0-9]+$/.test(text)) return 400;
  const value = BigInt(text);
  return value > max ? 400 : outcome(value);
}

/** The request with that line in the place of what it had of the field. */
function requestWith(make: typeof fromPartner, name: string, line: string): string {
  const plain = make('MESSAGE', name === 'Max-Forwards' ? { maxForwards: null } : {});
  const known = new RegExp(`^${name}: .*$`, 'm');
  const place = known.test(plain) ? known : /(?<=^.*SIP\/2\.0)(?=\r\n)/;
  return plain.replace(place, () => (place === known ? line : `\r\n${line}`));
}

function assertOutcome({ to, text }: Sent, expected: number | string, name: string): void {
  if (typeof expected === 'string') {
    assert.notEqual(to, 'origin');
    assert.equal(header(text, name), expected);
  } else {
    assert.equal(to, 'origin');
    assert.match(startLine(text), new RegExp(`^SIP/2\\.0 ${expected} `));
  }
}

describe('a number', () => {
  for (const [name, field] of Object.entries(FIELDS)) {
    for (const make of [fromPartner, fromInside]) {
      it(`of ${name} is kept to, sent by ${make === fromPartner ? 'a partner' : 'the inside'}`, () => {
        for (const text of [...WRITTEN, ...NO_NUMBERS]) {
          const stage = new CoreStage();
          const value = name === 'CSeq' ? `${text} MESSAGE` : text;
          const line = `${name}: ${Buffer.from(value).toString('latin1')}`;
          const origin = make === fromPartner ? stage.globex : stage.staff;
          stage.request(origin, requestWith(make, name, line));
          assertOutcome(stage.one(), outcomeOf(field, text) ?? value, name);
        }
      });
    }
  }
});

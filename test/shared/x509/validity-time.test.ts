import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DerReader } from '@sallyport/shared/x509/der-reader.ts';
import { readValidityTime } from '@sallyport/shared/x509/validity-time.ts';
import { der } from '../../x509-builder.ts';

const UTC = 0x17;
const GENERALIZED = 0x18;
const table: readonly (readonly [number, string, string | undefined])[] = [
  [UTC, '260601120000Z', '2026-06-01T12:00:00.000Z'],
  [UTC, '491231235959Z', '2049-12-31T23:59:59.000Z'],
  [UTC, '500101000000Z', '1950-01-01T00:00:00.000Z'],
  [UTC, '700101000001Z', '1970-01-01T00:00:01.000Z'],
  [UTC, '240229000000Z', '2024-02-29T00:00:00.000Z'],
  [UTC, '230229000000Z', undefined],
  [UTC, '261301000000Z', undefined],
  [UTC, '260001000000Z', undefined],
  [UTC, '260431000000Z', undefined],
  [UTC, '260600000000Z', undefined],
  [UTC, '260601240000Z', undefined],
  [UTC, '260601006000Z', undefined],
  [UTC, '260601000060Z', undefined],
  [UTC, '2606011200Z', undefined],
  [UTC, '260601120000', undefined],
  [UTC, '260601120000+0000', undefined],
  [UTC, '26060112000 Z', undefined],
  [GENERALIZED, '20500101000000Z', '2050-01-01T00:00:00.000Z'],
  [GENERALIZED, '99991231235959Z', '9999-12-31T23:59:59.000Z'],
  [GENERALIZED, '20260601120000Z', '2026-06-01T12:00:00.000Z'],
  [GENERALIZED, '21000229000000Z', undefined],
  [GENERALIZED, '20500101000000.5Z', undefined],
  [GENERALIZED, '2050010100Z', undefined],
  [GENERALIZED, '19491231235959Z', undefined],
  [GENERALIZED, '260601120000Z', undefined],
  [UTC, '20260601120000Z', undefined],
];

describe('validity times (RFC 5280 §4.1.2.5)', () => {
  for (const [tag, text, expected] of table) {
    it(`${tag === UTC ? 'UTCTime' : 'GeneralizedTime'} ${text}: ${expected ?? 'refused'}`, () => {
      const reader = DerReader.over(der(tag, Buffer.from(text)));
      const ms = readValidityTime(reader);
      assert.equal(reader.failed ? undefined : new Date(ms).toISOString(), expected);
    });
  }
});

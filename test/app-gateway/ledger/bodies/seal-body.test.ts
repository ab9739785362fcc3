import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import {
  AUDITORS_MAX,
  type Auditor,
  bodyKeyOf,
  type DayKey,
  dayOfBody,
  openBody as openWith,
  sealBody,
  sealedBodyHash,
} from '@sallyport/app-gateway/ledger/bodies/seal-body.ts';
import { rawPublicKey } from '@sallyport/shared/audit/raw-key.ts';

const auditor = (name: string) => {
  const { privateKey } = generateKeyPairSync('x25519');
  return { name, publicKey: rawPublicKey(privateKey), privateKey };
};
const dayKey = (day = '2026-11-21'): DayKey => ({ day, key: randomBytes(32) });
const BODY = Buffer.from('v=0\r\no=- 0 0 IN IP4 10.1.2.3\r\nsecret words');
const [ANNA, BEN, STRANGER] = [auditor('anna'), auditor('ben'), auditor('stranger')] as const;
const DAY = dayKey();
const seal = (body: Uint8Array = BODY, auditors: readonly Auditor[] = [ANNA, BEN], day = DAY) =>
  sealBody(body, auditors, day, randomBytes);
const openBody = (sealed: Buffer, key: KeyObject, day: DayKey) =>
  openWith(sealed, key, bodyKeyOf(sealed, day) ?? randomBytes(32));
const faultOf = (opened: ReturnType<typeof openBody>): string => (opened.ok ? '' : opened.error);

describe('a sealed body', () => {
  for (const who of [ANNA, BEN]) {
    it(`can be read by each auditor it is sealed for: ${who.name}`, () => {
      assert.deepEqual(openBody(seal(), who.privateKey, DAY), { ok: true, value: BODY });
    });
  }

  for (const length of [0, 1, 65_536]) {
    it(`holds ${length} octets`, () => {
      const body = randomBytes(length);
      assert.deepEqual(openBody(seal(body), ANNA.privateKey, DAY), { ok: true, value: body });
    });
  }

  it('cannot be read by anybody else', () => {
    assert.equal(faultOf(openBody(seal(), STRANGER.privateKey, DAY)), 'body-not-for-this-auditor');
  });

  it('cannot be read by its auditor without the key of the day: erasing that one erases the body', () => {
    const erased = { ...DAY, key: Buffer.alloc(32) };
    assert.equal(faultOf(openBody(seal(), ANNA.privateKey, erased)), 'body-day-key-wrong');
    assert.equal(
      faultOf(openBody(seal(), ANNA.privateKey, dayKey('2026-11-22'))),
      'body-day-key-wrong',
    );
  });

  it('is not read with what another body of the day needs', () => {
    const [one, two] = [seal(), seal()];
    const key = bodyKeyOf(two, DAY) ?? Buffer.alloc(0);
    assert.equal(faultOf(openWith(one, ANNA.privateKey, key)), 'body-day-key-wrong');
    assert.equal(bodyKeyOf(one, dayKey('2026-11-22')), undefined);
    assert.equal(bodyKeyOf(Buffer.alloc(9), DAY), undefined);
  });

  it('shows nothing of the body, and not twice the same', () => {
    const [one, two] = [seal(), seal()];
    assert.ok(!one.includes('secret words'));
    assert.notDeepEqual(one.subarray(12), two.subarray(12));
    assert.notDeepEqual(sealedBodyHash(one), sealedBodyHash(two));
  });

  it('tells its day without any key', () => {
    assert.equal(dayOfBody(seal()), '2026-11-21');
  });

  it('opens in no other form than the one that was sealed: every octet counts', () => {
    const sealed = seal(Buffer.from('short'), [ANNA]);
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      assert.equal(openBody(changed, ANNA.privateKey, DAY).ok, false, `octet ${at}`);
    }
  });

  it('is none when it is cut or longer', () => {
    const sealed = seal();
    for (let length = 0; length < sealed.length; length++) {
      const opened = openBody(sealed.subarray(0, length), ANNA.privateKey, DAY);
      assert.equal(opened.ok, false, `${length} octets`);
    }
    const longer = Buffer.concat([sealed, Buffer.of(0)]);
    assert.equal(faultOf(openBody(longer, ANNA.privateKey, DAY)), 'body-changed');
    assert.equal(faultOf(openBody(Buffer.alloc(0), ANNA.privateKey, DAY)), 'body-malformed');
  });

  it('cannot be given the auditors of another one', () => {
    const [mine, theirs] = [seal(BODY, [ANNA]), seal(BODY, [ANNA])];
    const headBytes = mine.length - BODY.length - 16;
    const swapped = Buffer.concat([mine.subarray(0, headBytes), theirs.subarray(headBytes)]);
    assert.equal(faultOf(openBody(swapped, ANNA.privateKey, DAY)), 'body-changed');
  });

  it('is for one auditor at least, and for a limited number', () => {
    const many = (count: number) => Array.from({ length: count }, (_, at) => auditor(`a${at}`));
    assert.throws(() => seal(BODY, []), /1 to 32/);
    assert.throws(() => seal(BODY, many(AUDITORS_MAX + 1)), /1 to 32/);
    const full = many(AUDITORS_MAX);
    const last = full.at(-1);
    assert.ok(last);
    assert.ok(openBody(seal(BODY, full), last.privateKey, DAY).ok);
  });

  it('has a day', () => {
    assert.throws(() => seal(BODY, [ANNA], dayKey('2026-11-1')), /is no day/);
  });
});

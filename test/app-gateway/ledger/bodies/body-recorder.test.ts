import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import type { Site } from '@sallyport/app-gateway/config/site.ts';
import {
  BodyRecorder,
  type BodyRecorderOptions,
} from '@sallyport/app-gateway/ledger/bodies/body-recorder.ts';
import {
  bodyKeyOf,
  type DayKey,
  openBody,
} from '@sallyport/app-gateway/ledger/bodies/seal-body.ts';
import type { SealedBody } from '@sallyport/app-gateway/ports/body-store.ts';
import { rawPublicKey } from '@sallyport/shared/audit/raw-key.ts';
import type { FieldValues } from '@sallyport/shared/audit/record-fields.ts';
import { err, ok } from '@sallyport/shared/result.ts';
import { ManualClock } from '../../../shared/io/manual-clock.ts';
import { requestIndex } from './request-index.ts';

const { privateKey } = generateKeyPairSync('x25519');
const POLICY: Site['audit']['bodies'] = {
  auditors: [{ name: 'anna', key: rawPublicKey(privateKey).toString('base64') }],
  rules: [{ name: 'traders', partner: 'globex', methods: ['MESSAGE'] }],
  bytesMax: 10,
};
const INWARD = { direction: 'inward', partner: 'globex', callIdLine: undefined } as const;

function stage(options: Partial<BodyRecorderOptions> = {}) {
  const clock = new ManualClock();
  const key: DayKey = {
    day: new Date(clock.wallMs()).toISOString().slice(0, 10),
    key: randomBytes(32),
  };
  const stored: SealedBody[] = [];
  const noted: (readonly [type: string, fields: FieldValues])[] = [];
  const world = { isDown: false, isErased: false };
  const recorder = new BodyRecorder({
    policy: () => POLICY,
    store: {
      addBodies: async (bodies) => {
        if (world.isDown) return err({ code: 'unavailable', reason: 'down' });
        stored.push(...bodies);
        return ok(undefined);
      },
    },
    keys: { take: async () => ok(world.isErased ? undefined : key), forgetOthers: () => undefined },
    note: async (type, fields) => {
      noted.push([type, fields]);
      return true;
    },
    clock,
    random: randomBytes,
    turn: async () => undefined,
    failed: () => undefined,
    ...options,
  });
  const pass = (body: string, method = 'MESSAGE', way: object = {}) =>
    recorder.passing(requestIndex({ body, method }), method, { ...INWARD, ...way });
  const gaps = () =>
    noted
      .filter(([type]) => type === 'gap')
      .map(([, { code, lostRecords }]) => [code, lostRecords]);
  const read = ({ octets }: SealedBody) => {
    const opened = openBody(octets, privateKey, bodyKeyOf(octets, key) ?? Buffer.alloc(32));
    return opened.ok ? opened.value.toString() : opened.error;
  };
  return { clock, recorder, stored, noted, world, pass, gaps, read };
}

describe('the recorder of bodies', () => {
  it('seals what a rule demands, stores it, and puts on record whose it is', async () => {
    const { pass, recorder, stored, noted, read } = stage();
    pass('hello');
    await recorder.stop();
    assert.deepEqual(stored.map(read), ['hello']);
    assert.equal(noted.length, 1);
    const [type, fields] = noted[0] ?? [];
    assert.equal(type, 'body-recorded');
    assert.deepEqual(fields?.sealedBodyHash, stored[0]?.hash);
    assert.deepEqual(
      [fields?.callId, fields?.rule, fields?.contentType, fields?.recipients],
      ['c1', 'traders', 'text/plain', ['anna']],
    );
  });

  for (const [what, body, method, way] of [
    ['of another method', 'hello', 'INFO', {}],
    ['of another partner', 'hello', 'MESSAGE', { partner: 'hooli' }],
    ['that is empty', '', 'MESSAGE', {}],
  ] as const) {
    it(`leaves alone a body ${what}`, async () => {
      const { pass, recorder, noted } = stage();
      pass(body, method, way);
      await recorder.stop();
      assert.deepEqual(noted, []);
    });
  }

  it('names an outgoing message by the Call-ID that the partner sees', async () => {
    const { pass, recorder, noted } = stage();
    pass('hello', 'MESSAGE', { direction: 'outward', callIdLine: 'Call-ID: masked\r\n' });
    await recorder.stop();
    assert.equal(noted[0]?.[1].callId, 'masked');
  });

  it('takes up to the limit, and says of what is longer that it is lost', async () => {
    const { pass, recorder, stored, gaps } = stage();
    pass('x'.repeat(10));
    pass('x'.repeat(11));
    await recorder.stop();
    assert.equal(stored.length, 1);
    assert.deepEqual(gaps(), [['body-too-large', 1]]);
  });

  it('keeps what fits while the database is away, and stores it when it is back', async () => {
    const { pass, recorder, stored, gaps, world, clock, read } = stage({ waitingMax: 2 });
    world.isDown = true;
    for (const body of ['one', 'two', 'three']) pass(body);
    for (let at = 0; at < 20; at++) await Promise.resolve();
    assert.equal(recorder.gauges()['audit_bodies_waiting'], 2);
    world.isDown = false;
    clock.advance(1000);
    await recorder.stop();
    assert.deepEqual(stored.map(read), ['one', 'two']);
    assert.deepEqual(gaps(), [['bodies-waiting', 1]]);
  });

  it('says once that the database does not take them, however often it tries, and again after it did', async () => {
    const told: string[] = [];
    const failed = (code: string) => void told.push(code);
    const { pass, recorder, world, clock } = stage({ failed });
    const tried = async (seconds: number) => {
      for (let second = 0; second < seconds; second++) {
        clock.advance(1000);
        for (let at = 0; at < 20; at++) await Promise.resolve();
      }
    };
    world.isDown = true;
    pass('one');
    await tried(60);
    assert.deepEqual(told, ['unavailable']);
    world.isDown = false;
    await tried(2);
    world.isDown = true;
    pass('two');
    await tried(3);
    assert.deepEqual(told, ['unavailable', 'unavailable']);
    await recorder.stop();
  });

  it('gives up at the end, and says how many are lost', async () => {
    const { pass, recorder, stored, gaps, world } = stage();
    world.isDown = true;
    pass('one');
    pass('two');
    await recorder.stop();
    pass('three');
    assert.deepEqual([stored, gaps()], [[], [['stopped', 2]]]);
  });

  it('records nothing more for a day whose key was erased', async () => {
    const { pass, recorder, stored, gaps, world } = stage();
    world.isErased = true;
    pass('one');
    await recorder.stop();
    assert.deepEqual([stored, gaps()], [[], [['body-key-erased', 1]]]);
  });
});

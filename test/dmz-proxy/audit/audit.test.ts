import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setImmediate as endOfTurn } from 'node:timers/promises';
import { Audit } from '@sallyport/dmz-proxy/audit/audit.ts';
import { type Bundle, readBundle } from '@sallyport/dmz-proxy/bundle/bundle.ts';
import type { GatewayLink } from '@sallyport/dmz-proxy/flows/gateway-link.ts';
import { parseEarlierRun } from '@sallyport/shared/audit/earlier-run.ts';
import { rawPublicKey } from '@sallyport/shared/audit/raw-key.ts';
import { recordLengthAt, recordTypeAt } from '@sallyport/shared/audit/record-layout.ts';
import { AUDIT_TYPE } from '@sallyport/shared/audit/record-types.ts';
import { sealHash } from '@sallyport/shared/audit/seal.ts';
import { decodeAuditCosigned, encodeAuditAck } from '@sallyport/shared/channel/audit-frames.ts';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import type { AuditSnapshot } from '@sallyport/shared/channel/snapshot.ts';
import { type ProxySite, proxySite } from '../../integration/support/proxy-site.ts';
import { ManualClock } from '../../shared/io/manual-clock.ts';
import { type RecordedChannel, recordedLink } from '../edge-fixture.ts';
import { recordsIn, WITNESS } from './audit-fixture.ts';

const KEY = rawPublicKey(createPublicKey(generateKeyPairSync('x25519').privateKey));
const SETTINGS: AuditSnapshot = {
  spoolKey: KEY.toString('base64'),
  whenFull: 'refuse',
  memoryBytesMax: 1_048_576,
  spoolBytesMax: 1_048_576,
  origin: 'sallyport/acme',
  ledgerKey: rawPublicKey(WITNESS.publicKey).toString('base64'),
};

describe('the audit of a worker', () => {
  let site: ProxySite;
  let bundle: Bundle;
  let clock: ManualClock;
  let lines: string[];
  let gateways: { link: GatewayLink; channel: RecordedChannel }[];
  before(async () => {
    site = await proxySite();
    const pem = WITNESS.privateKey.export({ type: 'pkcs8', format: 'pem' });
    writeFileSync(join(site.folder, 'witness.key'), pem);
    const read = readBundle(site.folder);
    assert.ok(read.ok);
    bundle = read.value;
  });
  after(() => site.remove());
  beforeEach(() => {
    rmSync(join(site.folder, 'spool', 'audit-0'), { recursive: true, force: true });
    clock = new ManualClock();
    lines = [];
    gateways = [];
  });
  const open = (changes: { readonly bundle?: Bundle; readonly worker?: number } = {}) => {
    const write = (event: string) => lines.push(event);
    return new Audit({
      bundle,
      worker: 0,
      clock,
      log: { info: write, warn: write, error: write },
      programVersion: '1.2.3',
      gateways: () => gateways.map(({ link }) => link),
      ...changes,
    });
  };
  const connect = (audit: Audit, node = 'gateway-1') => {
    const connected = recordedLink(node);
    gateways.push(connected);
    audit.gatewayOpened(connected.link);
    return connected;
  };
  const typesSentTo = (channel: RecordedChannel) =>
    channel.ofType(FrameType.auditRecords).flatMap(({ text }) => {
      const bytes = Buffer.from(text, 'latin1');
      return recordsIn(bytes, 8, bytes.length).map(({ type }) => type);
    });
  const flood = (audit: Audit, count: number) => {
    const { link } = recordedLink('g');
    for (let i = 0; i < count; i++) audit.connections.channelClosed(link, 'x');
  };

  const noted = () =>
    parseEarlierRun(readFileSync(join(site.folder, 'spool', 'audit-0', 'epoch'), 'latin1'));

  it('is off until a snapshot asks for it, and touches no disk', () => {
    const audit = open();
    connect(audit);
    audit.sweep();
    assert.equal(audit.isClear, true);
    assert.deepEqual(audit.metrics, {});
    assert.equal(existsSync(join(site.folder, 'spool', 'audit-0')), false);
    assert.equal(audit.use(undefined).ok, true);
    assert.deepEqual(lines, []);
  });

  it('begins with who it is and which gateways there are, and seals within a second', () => {
    const audit = open();
    const { link, channel } = connect(audit);
    assert.equal(audit.use(SETTINGS).ok, true);
    assert.equal(audit.use(SETTINGS).ok, true);
    audit.sweep();
    assert.deepEqual(typesSentTo(channel), ['stream-opened', 'channel-opened', 'seal']);
    assert.deepEqual(lines, ['audit-on']);
    const first = Buffer.from(channel.ofType(FrameType.auditRecords)[0]?.text ?? '', 'latin1');
    const epoch = first.readBigUInt64BE(0);
    const ack = encodeAuditAck({ of: 'records', epoch, seq: 2 });
    assert.equal(audit.isClear, false);
    audit.acknowledged(link, ack, 0, ack.length);
    assert.equal(audit.isClear, true);
    audit.acknowledged(link, ack, 0, 3);
    assert.equal(channel.closedFor, 'payload-malformed');
  });

  it('cannot be without a key to seal with, or without its folder', () => {
    const { witnessKey: _none, ...without } = bundle;
    const keyless = open({ bundle: without }).use(SETTINGS);
    assert.match(keyless.ok ? '' : keyless.error.join(), /witness\.key/);
    writeFileSync(join(site.folder, 'spool', 'audit-0'), '');
    const folderless = open().use(SETTINGS);
    assert.match(folderless.ok ? '' : folderless.error.join(), /spool/);
  });

  it('keeps what no gateway has for the next run', async () => {
    const audit = open();
    audit.use(SETTINGS);
    flood(audit, 3);
    await endOfTurn();
    audit.close();
    audit.keepRest();
    const next = open();
    next.use(SETTINGS);
    const { channel } = connect(next);
    next.sweep();
    assert.ok(channel.ofType(FrameType.auditSpooled).length > 0);
    assert.deepEqual(typesSentTo(channel), ['stream-opened', 'channel-opened', 'seal']);
  });

  for (const [what, isAcknowledged] of [
    ['a gateway had all of it', true],
    ['a part waits on the disk', false],
  ] as const) {
    it(`where ${what}, the next run ${isAcknowledged ? 'names' : 'does not name'} the last seal`, () => {
      const audit = open();
      const { link, channel } = connect(audit);
      audit.use(SETTINGS);
      audit.close();
      const { epoch, spans } = sentTo(channel);
      const ack = encodeAuditAck({ of: 'records', epoch, seq: spans.length - 1 });
      if (isAcknowledged) audit.acknowledged(link, ack, 0, ack.length);
      audit.keepRest();
      gateways.splice(0);
      const next = open();
      const { channel: later } = connect(next);
      next.use(SETTINGS);
      next.sweep();
      const [first] = sentTo(later).spans;
      const [opened] = first === undefined ? [] : recordsIn(first, 0, first.length);
      assert.equal(opened?.fields.previousEpoch, epoch);
      const last = spans.at(-1);
      assert.ok(last !== undefined && recordTypeAt(last, 0) === AUDIT_TYPE.seal);
      const named = opened.fields.previousSeal;
      assert.deepEqual(named && Buffer.from(named), isAcknowledged ? sealHash(last) : undefined);
    });
  }

  it('names, after a kill, the newest seal that a gateway has acknowledged', () => {
    const audit = open();
    const { link, channel } = connect(audit);
    audit.use(SETTINGS);
    audit.sweep();
    const { epoch, spans } = sentTo(channel);
    const first = spans.at(-1);
    assert.ok(first !== undefined && recordTypeAt(first, 0) === AUDIT_TYPE.seal);
    const acknowledge = (seq: number) => {
      const ack = encodeAuditAck({ of: 'records', epoch, seq });
      audit.acknowledged(link, ack, 0, ack.length);
    };
    acknowledge(spans.length - 2);
    audit.sweep();
    assert.equal(noted()?.lastSeal, undefined);
    acknowledge(spans.length - 1);
    flood(audit, 1);
    audit.sweep();
    const seal = { seq: spans.length - 1, hash: sealHash(first) };
    assert.deepEqual(noted(), { epoch, lastSeal: seal });
    // The next one is on its way, as always under load: that of a second ago counts.
    for (let second = 0; second < 3; second++) {
      flood(audit, 1);
      const { spans: sent } = sentTo(channel);
      audit.sweep();
      acknowledge(sent.length - 1);
    }
    const { spans: all } = sentTo(channel);
    assert.equal(noted()?.lastSeal?.seq, all.length - 5);
  });

  it('names no seal of which a part waits on the disk', async () => {
    const audit = open();
    audit.use(SETTINGS);
    flood(audit, 3);
    await endOfTurn();
    const { link, channel } = connect(audit);
    audit.sweep();
    const { epoch } = sentTo(channel);
    const ack = encodeAuditAck({ of: 'records', epoch, seq: 1000 });
    audit.acknowledged(link, ack, 0, ack.length);
    audit.sweep();
    assert.deepEqual(noted(), { epoch, lastSeal: undefined });
  });

  //  what the site chose      nothing is let in when full
  const choices: readonly (readonly [AuditSnapshot['whenFull'], boolean])[] = [
    ['refuse', true],
    ['gap', false],
  ];
  for (const [whenFull, isClosed] of choices) {
    it(`when full with "${whenFull}" it is ${isClosed ? '' : 'not '}closed, and says what was lost`, () => {
      const audit = open();
      audit.use({ ...SETTINGS, whenFull, spoolBytesMax: 0 });
      const { channel } = connect(audit);
      Object.assign(channel, { pendingBytes: 2_000_000 });
      flood(audit, 150_000);
      assert.equal(audit.isClosed, isClosed);
      assert.ok(lines.includes('audit-full'));
      const { auditMemoryBytes = 0 } = audit.metrics;
      assert.ok(auditMemoryBytes < 2_100_000 + 200, 'a reserve, and no more');
      Object.assign(channel, { pendingBytes: 0 });
      audit.sweep();
      const frames = channel.ofType(FrameType.auditRecords);
      const last = Buffer.from(frames.at(-1)?.text ?? '', 'latin1');
      const records = recordsIn(last, 8, last.length);
      const ack = encodeAuditAck({
        of: 'records',
        epoch: last.readBigUInt64BE(0),
        seq: records.at(-1)?.seq ?? 0,
      });
      audit.acknowledged(gateways[0]?.link as GatewayLink, ack, 0, ack.length);
      assert.equal(audit.isClosed, false);
      assert.ok(lines.includes('audit-has-room'));
      channel.frames.length = 0;
      audit.sweep();
      assert.ok(typesSentTo(channel).includes('gap'));
    });
  }

  it('ends when a snapshot no longer asks for it, with a seal', () => {
    const audit = open();
    audit.use(SETTINGS);
    const { link, channel } = connect(audit);
    audit.use(undefined);
    audit.gatewayClosed(link, 'x');
    assert.deepEqual(typesSentTo(channel), ['stream-opened', 'channel-opened', 'seal']);
    assert.deepEqual(lines, ['audit-on', 'audit-off']);
  });

  it('witnesses in the first worker alone', () => {
    const answerOf = (worker: number) => {
      const audit = open({ worker });
      audit.use(SETTINGS);
      const { link, channel } = connect(audit);
      audit.checkpoint(link, 9, Buffer.from('x'), 0, 1);
      const [frame] = channel.ofType(FrameType.auditCosigned);
      assert.equal(frame?.exchange, 9);
      const bytes = Buffer.from(frame?.text ?? '', 'latin1');
      const answer = decodeAuditCosigned(bytes, 0, bytes.length);
      return answer.ok ? answer.value.status : 0;
    };
    assert.equal(answerOf(0), 400);
    assert.equal(answerOf(1), 404);
  });
});

/** The stream that was sent there, record by record. */
function sentTo(channel: RecordedChannel) {
  const frames = channel
    .ofType(FrameType.auditRecords)
    .map(({ text }) => Buffer.from(text, 'latin1'));
  const epoch = frames[0]?.readBigUInt64BE(0) ?? 0n;
  const spans: Buffer[] = [];
  for (const frame of frames) {
    for (let at = 8; at < frame.length; at += recordLengthAt(frame, at)) {
      spans.push(frame.subarray(at, at + recordLengthAt(frame, at)));
    }
  }
  return { epoch, spans };
}

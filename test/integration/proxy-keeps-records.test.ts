import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { rawPublicKey } from '@sallyport/shared/audit/raw-key.ts';
import { type AuditRecord, decodeRecord } from '@sallyport/shared/audit/record.ts';
import { recordLengthAt } from '@sallyport/shared/audit/record-layout.ts';
import { AUDIT_TYPE } from '@sallyport/shared/audit/record-types.ts';
import { SealChain } from '@sallyport/shared/audit/seal-chain.ts';
import { openBox } from '@sallyport/shared/audit/sealed-box.ts';
import {
  AUDIT_SPOOL_INFO,
  decodeAuditRecords,
  decodeAuditSpool,
  decodeAuditSpooled,
  encodeAuditAck,
} from '@sallyport/shared/channel/audit-frames.ts';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import { childrenOf } from './support/child-processes.ts';
import { FakeGateway, type Received } from './support/fake-gateway.ts';
import { PartnerClient } from './support/partner-client.ts';
import { ProxyProcess } from './support/proxy-process.ts';
import { proxySite } from './support/proxy-site.ts';
import { request, responseTo } from './support/sip-text.ts';

const ledger = generateKeyPairSync('x25519');
const witness = generateKeyPairSync('ed25519');
const base64 = (key: Parameters<typeof rawPublicKey>[0]) => rawPublicKey(key).toString('base64');
const AUDIT = {
  spoolKey: base64(createPublicKey(ledger.privateKey)),
  whenFull: 'refuse',
  memoryBytesMax: 8_388_608,
  spoolBytesMax: 8_388_608,
  origin: 'sallyport/acme',
  ledgerKey: base64(witness.publicKey),
} as const;

/** Records of one stream by their number, as one frame after the other brings them. */
class Streams {
  readonly byEpoch = new Map<bigint, Map<number, Buffer>>();

  take({ type, text }: Received): void {
    const payload = Buffer.from(text, 'latin1');
    if (type === FrameType.auditRecords) {
      const frame = decodeAuditRecords(payload, 0, payload.length);
      assert.ok(frame.ok);
      this.#add(frame.value.epoch, payload.subarray(frame.value.recordsStart));
    } else if (type === FrameType.auditSpooled) {
      const frame = decodeAuditSpooled(payload, 0, payload.length);
      assert.ok(frame.ok);
      const box = payload.subarray(frame.value.boxStart);
      const plain = openBox(ledger.privateKey, box, AUDIT_SPOOL_INFO);
      assert.ok(plain.ok);
      const spool = decodeAuditSpool(plain.value);
      assert.ok(spool.ok);
      this.#add(spool.value.epoch, plain.value.subarray(spool.value.recordsStart));
    }
  }

  /** Whether the last thing that the test has refused has come. */
  get hasRefusal(): boolean {
    return [...this.byEpoch.values()].some((stream) =>
      [...stream.values()].some((bytes) => bytes[3] === AUDIT_TYPE['message-refused']),
    );
  }

  /** What a stream holds, after a verifier was content with all of it. */
  records(epoch: bigint): readonly AuditRecord[] {
    const chain = new SealChain(witness.publicKey);
    const stream = [...(this.byEpoch.get(epoch) ?? [])].sort(([one], [other]) => one - other);
    return stream.map(([, bytes]) => {
      assert.deepEqual(chain.take(bytes, 0, bytes.length), []);
      const record = decodeRecord(bytes, 0, bytes.length);
      assert.ok(record.ok);
      return record.value;
    });
  }

  #add(epoch: bigint, bytes: Buffer): void {
    const stream = this.byEpoch.get(epoch) ?? new Map<number, Buffer>();
    this.byEpoch.set(epoch, stream);
    for (let at = 0; at < bytes.length; at += recordLengthAt(bytes, at)) {
      const record = bytes.subarray(at, at + recordLengthAt(bytes, at));
      stream.set(record.readUInt32BE(10), record);
    }
  }
}

it('what a partner was answered is on record, though gateway and worker are killed', async () => {
  const site = await proxySite();
  const pem = witness.privateKey.export({ type: 'pkcs8', format: 'pem' });
  writeFileSync(join(site.folder, 'witness.key'), pem);
  const payload = site.sign({ ...site.snapshot, audit: AUDIT });
  const proxy = new ProxyProcess(site.folder);
  const streams = new Streams();
  const { channelPort } = await proxy.line('waiting-for-snapshot');
  const first = await FakeGateway.connect(site, Number(channelPort));
  assert.deepEqual(await first.configure(payload), { version: 10, accepted: true });
  const { ports } = await proxy.line('ready');
  first.respond = ({ text }) => responseTo(text, '200 OK');
  const partner = await PartnerClient.connect(Number(ports), site.partner);
  partner.send(request({ callId: 'one' }));
  await partner.expect('SIP/2.0 200 OK');
  // It acknowledges nothing, and goes: everything must come again.
  first.stop();
  await proxy.line('gateway-disconnected');
  partner.received = '';
  partner.send(request({ callId: 'two', branch: 'z9hG4bKtwo' }));
  await partner.expect('SIP/2.0 503');
  const since = proxy.lines.length;
  const [worker] = childrenOf(proxy.child.pid ?? 0);
  assert.ok(worker !== undefined);
  process.kill(worker, 'SIGKILL');
  const again = await proxy.line('waiting-for-snapshot', since);
  const second = await FakeGateway.connect(site, Number(again['channelPort']), 'gateway-2');
  await second.configure(payload);
  let taken = 0;
  await second.until(() => {
    for (const frame of second.frames.slice(taken)) streams.take(frame);
    taken = second.frames.length;
    return streams.byEpoch.size === 2 && streams.hasRefusal;
  }, 'records of both runs');
  // What little the old run left on the disk comes before what is in the memory of the new one.
  const [before, now] = [...streams.byEpoch.keys()] as [bigint, bigint];
  const kept = streams.records(before);
  const told = kept.map(({ type, fields }) => [type, fields.callId ?? fields.code ?? '']);
  assert.deepEqual(
    told.filter(([type]) => /^(message|connection)/.test(String(type))).slice(0, 4),
    [
      ['connection-opened', ''],
      ['message-admitted', 'one'],
      ['message-answered', ''],
      ['message-refused', 'two'],
    ],
  );
  const [opened] = streams.records(now);
  assert.equal(opened?.fields.previousEpoch, before);
  // What is acknowledged is gone from the disk; the rest of this run is kept at its end.
  for (const { type, text } of second.frames) {
    if (type !== FrameType.auditSpooled) continue;
    const blob = Buffer.from(text.slice(0, 8), 'latin1').readBigUInt64BE();
    second.sendAudit(FrameType.auditAck, encodeAuditAck({ of: 'blob', blob }));
  }
  const spooled = () =>
    readdirSync(join(site.folder, 'spool', 'audit-0')).filter((name) => name.endsWith('.spool'));
  const acknowledged = encodeAuditAck({ of: 'records', epoch: now, seq: 0 });
  second.sendAudit(FrameType.auditAck, acknowledged);
  await second.until(() => spooled().length === 0 || second.closedReason !== undefined, 'acks');
  assert.equal(await proxy.stop(), 0);
  assert.equal(spooled().length, 1);
  second.stop();
  partner.end();
  site.remove();
});

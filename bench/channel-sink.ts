import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { recordLengthAt, recordSeqAt } from '@sallyport/shared/audit/record-layout.ts';
import { decodeAuditRecords, encodeAuditAck } from '@sallyport/shared/channel/audit-frames.ts';
import { FLAG_FINAL, FrameType } from '@sallyport/shared/channel/frame.ts';
import { signSnapshot } from '@sallyport/shared/channel/snapshot-signature.ts';
import {
  type ChannelConnection,
  DEFAULT_CHANNEL_LIMITS,
} from '@sallyport/shared/io/channel-connection.ts';
import { ChannelDialer } from '@sallyport/shared/io/channel-dialer.ts';
import type { ChannelSink } from '@sallyport/shared/io/channel-sink.ts';
import { systemClock } from '@sallyport/shared/io/clock.ts';
import { ANSWER_EXTRA_BYTES, writeAnswer } from './src/answer.ts';
import { benchSnapshot } from './src/bench-snapshot.ts';

// The gateway's end of a real channel with nothing behind it: 200 to every request.
// With `audit` it asks for records, and acknowledges them as they come; SIGUSR2 has it ask for them no more, or again.
// Usage: channel-sink.ts GATEWAY-BUNDLE PKI-FOLDER CHANNEL-PORT [audit]

const CREDIT_BYTES = 67_108_864;
const FLOW_CREDIT_BYTES = 4_194_304;
const PORT_CHECK_MS = 2;

const [, , bundle = '.', pkiFolder = '.', port = '', audit] = process.argv;
const channelPort = Number(port);
const pem = (name: string) => readFileSync(join(bundle, name), 'utf8');
const credentials = {
  certificatePem: pem('channel.crt'),
  keyPem: pem('channel.key'),
  caPem: pem('channel-ca.crt'),
};
const signingKey = createPrivateKey(pem('snapshot-signing.key'));
let isAudited = audit === 'audit';
let channel: ChannelConnection | undefined;

const dialer = new ChannelDialer(
  {
    own: {
      protocolVersions: [1],
      role: 'gateway',
      site: 'bench',
      node: 'gateway-1',
      worker: 0,
      workers: 1,
      creditBytes: CREDIT_BYTES,
      flowCreditBytes: FLOW_CREDIT_BYTES,
    },
    clock: systemClock,
    limits: DEFAULT_CHANNEL_LIMITS,
    flush: 'adaptive',
    host: '127.0.0.1',
    port: channelPort,
    credentials: () => credentials,
    expected: { site: 'bench', role: 'proxy', node: 'edge-1' },
    random: Math.random,
    failed: (reason) => process.stdout.write(`dial failed: ${reason}\n`),
  },
  (connection) => new AnsweringSink(connection),
);

/** Answers each request within the call that brings it; the channel gathers the answers. */
class AnsweringSink implements ChannelSink {
  readonly #connection: ChannelConnection;

  constructor(connection: ChannelConnection) {
    this.#connection = connection;
  }

  ready(): void {
    channel = this.#connection;
    sendSnapshot();
  }

  frame(
    type: number,
    _flags: number,
    flow: number,
    exchange: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): void {
    if (type === FrameType.snapshotResult || type === FrameType.log) {
      process.stdout.write(`${bytes.toString('utf8', start, end)}\n`);
    }
    if (type === FrameType.auditRecords) this.#acknowledge(bytes, start, end);
    if (type !== FrameType.sip || exchange === 0) return;
    const sizeMax = end - start + ANSWER_EXTRA_BYTES;
    const room = this.#connection.reserve(FrameType.sip, FLAG_FINAL, flow, exchange, sizeMax);
    if (room === undefined) {
      const answer = Buffer.allocUnsafe(sizeMax);
      const size = writeAnswer(bytes, start, end, answer, 0);
      this.#connection.send(FrameType.sip, FLAG_FINAL, flow, exchange, answer, 0, size);
    } else {
      this.#connection.commit(writeAnswer(bytes, start, end, room.buffer, room.at) - room.at);
    }
    this.#connection.consumed(flow, end - start);
  }

  /** Up to the last record of the frame. */
  #acknowledge(bytes: Buffer, start: number, end: number): void {
    const records = decodeAuditRecords(bytes, start, end);
    if (!records.ok) throw new Error(records.error);
    const { epoch, recordsStart } = records.value;
    let last = recordsStart;
    for (let at = last; at < end; at += recordLengthAt(bytes, at)) last = at;
    const ack = encodeAuditAck({ of: 'records', epoch, seq: recordSeqAt(bytes, last) });
    this.#connection.sendParts(FrameType.auditAck, 0, ack);
  }

  flowWritable(): void {}

  draining(): void {}

  clockTurned(): void {}

  closed(reason: string): void {
    process.stdout.write(`channel closed: ${reason}\n`);
  }
}

/** Each has a higher version than the one before. */
function sendSnapshot(): void {
  const snapshot = signSnapshot(benchSnapshot(pkiFolder, isAudited), signingKey);
  channel?.send(FrameType.snapshot, 0, 0, 0, snapshot, 0, snapshot.length);
}

/** The dialer's own back-off would add to the proxy's time to start. */
async function awaitProxy(): Promise<void> {
  for (;;) {
    const probe = connect(channelPort, '127.0.0.1');
    const isOpen = await new Promise<boolean>((resolve) => {
      probe.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    probe.destroy();
    if (isOpen) return;
    await delay(PORT_CHECK_MS);
  }
}

process.on('SIGUSR2', () => {
  isAudited = !isAudited;
  sendSnapshot();
});
process.once('SIGTERM', () => process.exit(0));
await awaitProxy();
dialer.start();
// The channel's own timers keep no process alive.
setInterval(() => undefined, 3_600_000);

import { randomBytes } from 'node:crypto';
import {
  AUDIT_RECORDS_BYTES_MAX,
  FrameType,
  SIP_BYTES_MAX,
} from '@sallyport/shared/channel/frame.ts';
import type { Hello } from '@sallyport/shared/channel/hello.ts';
import { PARTNER_DOMAIN } from '../support/addresses.ts';
import {
  audit,
  blob,
  EPOCH,
  frame,
  head,
  message,
  nextRun,
  OUR_DOMAIN,
  opened,
  record,
  repeated,
  seal,
  streamOpened,
} from './forged-frames.ts';

/** What somebody with a proxy's keys does on one channel, and what must come of it. */
export interface Attack {
  readonly name: string;
  /** What his hello says instead; null: he says none. */
  readonly hello?: (own: Hello) => object | null;
  /** What he sends after it; batches, so that the last can be told from the first. */
  readonly sends?: (own: Hello) => Iterable<Buffer>;
  /**
   * The code, or one of those between `|`, by which the gateway closes the channel and puts that on record; `none`: what
   * he says has no effect, and the channel stays.
   */
  readonly code: string;
  /** He hangs up himself after what he sent. */
  readonly hangsUp?: boolean;
}

const said = (change: Partial<Hello>) => (own: Hello) => ({ ...own, ...change });
const once =
  (...frames: readonly Buffer[]) =>
  () =>
    frames;

const HELLOS: readonly Attack[] = [
  { name: 'says it is another proxy', hello: said({ node: 'edge-2' }), code: 'hello-node' },
  { name: 'says it is a gateway', hello: said({ role: 'gateway' }), code: 'hello-role' },
  { name: 'says it is of another site', hello: said({ site: 'globex' }), code: 'hello-site' },
  {
    name: 'speaks an unknown version',
    hello: said({ protocolVersions: [99] }),
    code: 'hello-version',
  },
  { name: 'says hello without a name', hello: () => ({}), code: 'hello-malformed' },
  {
    name: 'speaks before its hello',
    hello: () => null,
    sends: once(frame(FrameType.ping, '')),
    code: 'hello-missing',
  },
  { name: 'never says hello', hello: () => null, code: 'hello-timeout' },
  {
    name: 'says hello twice',
    sends: (own) => [frame(FrameType.hello, own)],
    code: 'hello-repeated',
  },
  {
    name: 'says it is a worker that there is not',
    hello: said({ worker: 200 }),
    code: 'hello-worker|worker-unknown',
  },
];

const FRAMES: readonly Attack[] = [
  ...(
    [
      ['a snapshot', FrameType.snapshot, Buffer.alloc(64, 1)],
      ['a certificate', FrameType.certificateIssued, { chain: 'x' }],
      ['an order to close a flow', FrameType.closeFlow, { reason: 'x' }],
      ['a request to a partner', FrameType.sipTo, 'x'],
      ['a probe', FrameType.probe, {}],
      ['an acknowledgement of records', FrameType.auditAck, Buffer.alloc(12)],
      ['a checkpoint', FrameType.auditCheckpoint, 'x'],
    ] as const
  ).map(
    ([what, type, payload]): Attack => ({
      name: `sends ${what}, as only gateways may`,
      sends: once(frame(type, payload)),
      code: 'frame-not-allowed-from-role',
    }),
  ),
  ...[0, 17, 99, 255].map(
    (type): Attack => ({
      name: `sends a frame of type ${type}`,
      sends: once(head(0, type)),
      code: 'frame-type-unknown',
    }),
  ),
  ...(
    [
      [FrameType.sip, SIP_BYTES_MAX],
      [FrameType.log, 16_384],
      [FrameType.auditRecords, AUDIT_RECORDS_BYTES_MAX],
      [FrameType.flowOpened, 0xff_ff_ff_fe],
    ] as const
  ).map(
    ([type, max]): Attack => ({
      name: `sends a frame of type ${type} with ${max + 1} octets`,
      sends: once(head(max + 1, type)),
      code: 'frame-too-large',
    }),
  ),
  {
    name: 'sends unknown flags',
    sends: once(head(0, FrameType.sip, 0, 0, 2)),
    code: 'frame-flags-unknown',
  },
  {
    name: 'sends a frame that ends in its middle',
    sends: once(head(1000, FrameType.log), Buffer.alloc(10)),
    code: 'ended',
    hangsUp: true,
  },
];

const FLOWS: readonly Attack[] = [
  { name: 'opens the flow that means none', sends: once(opened(0)), code: 'flow-limit' },
  {
    name: 'opens a flow without saying whose',
    sends: once(frame(FrameType.flowOpened, {}, 1)),
    code: 'flow-opened-malformed',
  },
  {
    name: 'gives a flow to another partner',
    sends: once(opened(1), opened(1, { partner: 'other' })),
    code: 'flow-opened-twice',
  },
  {
    name: 'opens 100,000 flows',
    sends: () => repeated(100_000, (at) => opened(at + 1)),
    code: 'flow-limit',
  },
  {
    name: 'opens flows with all the names there can be',
    sends: () => {
      const identities = Array.from({ length: 1000 }, (_, n) => `${n}`.padStart(250, 'x'));
      return repeated(400, (at) => opened(at + 1, { identities }), 10);
    },
    code: 'flows-too-large',
  },
  {
    name: 'speaks on flows that it never opened, those of others among them',
    sends: () =>
      repeated(2000, (at) => message(`a@${PARTNER_DOMAIN}`, `b@${OUR_DOMAIN}`, at + 1, at)),
    code: 'none',
  },
  {
    name: 'says of requests that it was never asked that they were sent, or failed',
    sends: function* () {
      yield opened(1, { direction: 'outbound' });
      // Numbers count up from 1 with each try: he goes over all that there can be, again and again.
      const sent = { remoteAddress: '198.18.0.7', remotePort: 5061 };
      for (let round = 0; round < 25; round += 1) {
        yield* repeated(8000, (at) => frame(FrameType.sendFailed, { reason: 'limit' }, 0, at));
        yield* repeated(8000, (at) => frame(FrameType.sent, sent, 1, at));
      }
    },
    code: 'none',
  },
  {
    name: 'closes flows that it never opened',
    sends: () => repeated(5000, (at) => frame(FrameType.flowClosed, { reason: 'x' }, at)),
    code: 'none',
  },
  {
    name: 'returns credit that it never had',
    sends: once(head(0, FrameType.credit, 0, 0xff_ff_ff_ff)),
    code: 'credit-overflow',
  },
  {
    name: 'returns credit of flows that nobody has',
    sends: () => repeated(5000, (at) => head(0, FrameType.credit, at + 1, 0xff_ff_ff_ff)),
    code: 'none',
  },
];

/** What it writes as a partner on flows of its making: each is answered 403, and on record. */
export const FORGED_SENDERS: Attack = {
  name: 'writes as people whom no domain of the partner covers',
  sends: once(
    opened(1, { identities: ['evil.example'] }),
    message('eve@evil.example', `bob@${OUR_DOMAIN}`, 1, 1),
    message(`bob@${OUR_DOMAIN}`, `bob@${OUR_DOMAIN}`, 1, 2),
    opened(2, { partner: 'nobody', identities: ['nobody.example'] }),
    message('eve@nobody.example', `bob@${OUR_DOMAIN}`, 2, 3),
    message(`a@${PARTNER_DOMAIN}`, 'bob@elsewhere.example', 1, 4),
  ),
  code: 'none',
};

/** Runs that it makes up, by which the verifier later knows them. */
export const FORGED_RUNS = {
  unopened: EPOCH + 0x1000n,
  rewritten: EPOCH + 0x2000n,
  ofAnother: EPOCH + 0x3000n,
} as const;

const AUDIT: readonly Attack[] = [
  {
    name: 'leaves a number out',
    sends: () => [audit(nextRun(), record(0), record(2))],
    code: 'audit-malformed',
  },
  {
    name: 'cuts a record',
    sends: () => [audit(nextRun(), record(0), record(1).subarray(0, 20))],
    code: 'audit-malformed',
  },
  {
    name: 'sends what is no record',
    sends: () => [audit(nextRun(), randomBytes(200))],
    code: 'audit-malformed',
  },
  { name: 'sends no record at all', sends: () => [audit(nextRun())], code: 'audit-malformed' },
  {
    name: 'writes in a run that it never opened, with a seal that is none',
    sends: () => [audit(FORGED_RUNS.unopened, record(0), record(1), seal(2))],
    code: 'none',
  },
  {
    name: 'writes other records under the same numbers',
    sends: () => {
      const epoch = FORGED_RUNS.rewritten;
      const first = [streamOpened('edge-1', epoch), record(1, 'before'), record(2, 'before')];
      const second = [record(1, 'after'), record(2, 'after'), record(3, 'after')];
      return [audit(epoch, ...first), audit(epoch, ...second)];
    },
    code: 'none',
  },
  {
    name: 'opens a run in the name of another proxy',
    sends: () => [
      audit(FORGED_RUNS.ofAnother, streamOpened('edge-2', FORGED_RUNS.ofAnother), record(1)),
    ],
    code: 'none',
  },
  { name: 'sends blobs that were never sealed', sends: () => [blob(), blob()], code: 'none' },
  {
    name: 'sends an empty blob',
    sends: once(frame(FrameType.auditSpooled, 'x')),
    code: 'audit-malformed',
  },
  {
    name: 'cosigns what nobody asked, and with garbage',
    sends: () =>
      repeated(500, (at) =>
        frame(
          FrameType.auditCosigned,
          Buffer.concat([Buffer.from([0, at % 2 === 0 ? 200 : 9]), randomBytes(64)]),
        ),
      ),
    code: 'none',
  },
];

const REPORTS: readonly Attack[] = [
  {
    name: 'says nothing of a snapshot',
    sends: once(frame(FrameType.snapshotResult, {})),
    code: 'snapshot-result-malformed',
  },
  {
    name: 'writes lines that steer terminals, and far too many',
    sends: function* () {
      const line = (event: string, fields: object) =>
        frame(FrameType.log, { time: '2026', level: 'info', event, fields });
      yield line('steered', { text: '\u001b[2J' });
      yield line('proxy-named', { proxy: 'edge-2/0', time: 'x', event: 'channel-closed' });
      yield* repeated(20_000, (at) => line('flooded', { at, text: 'x'.repeat(1000) }));
    },
    code: 'none',
  },
  {
    name: 'counts what is no number, and far too much',
    sends: once(
      frame(FrameType.metrics, { requests: -1, 'x\n': 1 }),
      frame(
        FrameType.metrics,
        Object.fromEntries(Array.from({ length: 600 }, (_, n) => [`n${n}`, n])),
      ),
    ),
    code: 'none',
  },
  {
    name: 'asks for certificates with garbage',
    sends: () =>
      repeated(200, (at) => frame(FrameType.certificateRequest, { request: 'AAAA' }, 0, at)),
    code: 'none',
  },
  {
    name: 'answers probes that nobody asked',
    sends: () => repeated(500, (at) => frame(FrameType.probeResult, {}, 0, at)),
    code: 'none',
  },
  {
    name: 'pings without end',
    sends: () => repeated(50_000, () => head(0, FrameType.ping)),
    code: 'none',
  },
];

/** The last of all: after it a gateway takes nothing from that host for a while that does not go on. */
const JUMPS: Attack = {
  name: 'begins run after run',
  sends: () => repeated(300, () => audit(nextRun(), record(0)), 10),
  code: 'audit-malformed',
};

/** All of them, one channel each. */
export const ATTACKS: readonly Attack[] = [
  ...HELLOS,
  ...FRAMES,
  ...FLOWS,
  FORGED_SENDERS,
  ...AUDIT,
  ...REPORTS,
  JUMPS,
];

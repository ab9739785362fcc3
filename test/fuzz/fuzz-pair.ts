import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { it } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { parseArgs } from 'node:util';
import { type Pair, startPair } from '../integration/support/pair.ts';
import { answerText, requestText, type SipText } from '../integration/support/pair-message.ts';
import { workersOf } from '../integration/support/pair-process.ts';
import { mutate, SeededRandom } from './mutator.ts';

/*
 * Mutated SIP from a partner, and mutated answers from the inner server, through both programs as they are run:
 *   node test/fuzz/fuzz-pair.ts --seconds 30 --seed 1
 * Fails when a program ends, starts a new worker, grows, or is late with the answer to a sound request.
 */

const METHODS = ['MESSAGE', 'OPTIONS', 'SUBSCRIBE', 'NOTIFY', 'INVITE', 'BYE', 'CANCEL', 'ACK'];
const LINES = 8;
const ROUND_INPUTS = 250;
const SOUND_MS_MAX = 2000;
/** After this share of the time, memory is taken for what it is in use. */
const WARM_SHARE = 0.4;
const GROWTH_KIB_MAX = 96 * 1024;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '30' },
    seed: { type: 'string', default: `${Number(process.hrtime.bigint() % 2n ** 31n)}` },
  },
});
const seed = Number(values.seed);
const random = new SeededRandom(seed);
const runMs = Number(values.seconds) * 1000;

it(`mutated messages through the running pair, seed ${seed}`, async (t) => {
  const pair = await startPair(t, {
    partner: { messagesPerSecond: 100_000, messagesBurst: 100_000, requestsInFlightMax: 100_000 },
  });
  const [gateway] = pair.gateways;
  assert.ok(gateway !== undefined);
  const workers = workersOf(pair.proxy);
  const residentKib = () => [...workers, gateway.pid].map(residentKibOf);
  pair.inner.answer = (request) => mutatedAnswer(request);
  const lines = Array.from({ length: LINES }, () => new FuzzLine(pair));

  const startedMs = performance.now();
  let inputs = 0;
  let slowestMs = 0;
  let warmKib: readonly number[] = [];
  while (performance.now() - startedMs < runMs) {
    for (let at = 0; at < ROUND_INPUTS; at++) {
      await random.pick(lines).send();
      inputs++;
    }
    slowestMs = Math.max(slowestMs, await soundRequestMs(pair));
    for (const line of pair.inner.lines) line.messages.length = 0;
    if (warmKib.length === 0 && performance.now() - startedMs > runMs * WARM_SHARE) {
      warmKib = residentKib();
    }
  }
  const closed = lines.reduce((sum, line) => sum + line.closed, 0);
  for (const line of lines) line.end();
  const growthKib = residentKib().map((kib, at) => kib - (warmKib[at] ?? kib));
  t.diagnostic(`${inputs} inputs, ${closed} connections closed by the proxy`);
  t.diagnostic(
    `slowest sound request ${slowestMs.toFixed(0)} ms, growth ${growthKib.join(' and ')} KiB`,
  );
  assert.deepEqual(workersOf(pair.proxy), workers, 'a worker was started anew');
  assert.ok(gateway.isRunning);
  assert.ok(slowestMs < SOUND_MS_MAX);
  for (const kib of growthKib) assert.ok(kib < GROWTH_KIB_MAX, `${kib} KiB more`);
  await pair.stop();
});

const input = Buffer.alloc(65_536);
const seeds = [
  ...METHODS.map((method) => Buffer.from(requestText(method, { body: 'a few words' }), 'latin1')),
  ...tortureMessages(),
];

/** A partner's connection that comes back when it was closed. */
class FuzzLine {
  readonly #pair: Pair;
  #socket: TLSSocket | undefined;
  #session: Buffer | undefined;
  closed = 0;

  constructor(pair: Pair) {
    this.#pair = pair;
  }

  async send(): Promise<void> {
    const socket = this.#socket ?? (await this.#connect());
    const length = mutate(random, seeds, input);
    const cut = random.below(8) === 0 ? random.below(length + 1) : length;
    socket.write(Buffer.from(input.subarray(0, cut)));
    await new Promise<void>((resolve) => {
      socket.write(Buffer.from(input.subarray(cut, length)), () => resolve());
    });
  }

  end(): void {
    this.#socket?.destroy();
  }

  #connect(): Promise<TLSSocket> {
    const { site } = this.#pair;
    const { certificatePem, privateKeyPem } = site.globex.identity;
    return new Promise((resolve, reject) => {
      const socket = connect({
        host: '127.0.0.1',
        port: site.publicPort,
        servername: 'acme.example',
        rejectUnauthorized: false,
        cert: certificatePem,
        key: privateKeyPem,
        ...(this.#session && { session: this.#session }),
      });
      socket.once('secureConnect', () => {
        this.#socket = socket;
        resolve(socket);
      });
      socket.once('error', reject);
      socket.on('error', () => socket.destroy());
      socket.on('session', (session: Buffer) => (this.#session = session));
      socket.once('close', () => {
        this.closed++;
        if (this.#socket === socket) this.#socket = undefined;
      });
      socket.resume();
    });
  }
}

/** The partner is in no way hindered by what else comes from it. */
async function soundRequestMs(pair: Pair): Promise<number> {
  const startMs = performance.now();
  const line = await pair.partner();
  const ask = () =>
    line.ask(requestText('MESSAGE', { callId: `sound${random.below(2 ** 31)}@globex.example` }));
  let answer = await ask();
  // The inner server's own line is cut where it sent what cannot be framed, and is there again at once.
  while (answer.status === 503 && performance.now() - startMs < SOUND_MS_MAX) answer = await ask();
  assert.equal(answer.status, 200, answer.startLine);
  line.end();
  return performance.now() - startMs;
}

/** Sound requests get a sound answer; in some others all is mutated but what tells where the message ends. */
function mutatedAnswer(request: SipText): string | undefined {
  if (request.method === 'ACK') return undefined;
  const answer = answerText(request, '200 OK');
  if (request.callId.startsWith('sound') || random.below(3) === 0) return answer;
  const [head = ''] = answer.split('Content-Length');
  const length = mutate(random, [Buffer.from(head, 'latin1')], answers);
  return `${answers.toString('latin1', 0, length).trimEnd()}\r\nContent-Length: 0\r\n\r\n`;
}

const answers = Buffer.alloc(65_536);

function tortureMessages(): Buffer[] {
  const folder = new URL('../vectors/rfc4475/', import.meta.url);
  const files = readdirSync(folder).filter((file) => /\.(?:dat|sip)$/.test(file));
  return files.map((file) => readFileSync(new URL(file, folder)));
}

function residentKibOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
}

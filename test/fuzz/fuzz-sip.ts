import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { MessageReader } from '@sallyport/shared/sip/message-reader.ts';
import { inspectMessage } from './inspect-message.ts';
import { mutate, SeededRandom } from './mutator.ts';

/*
 * Mutated SIP messages through everything that reads a peer's bytes:
 *   node test/fuzz/fuzz-sip.ts --seconds 60 --count 1000000 --seed 1
 * Ends with 1 on a throw, a broken promise of `inspectMessage`, an input of over 250 ms, or a heap that grows.
 */

const INPUT_MS_MAX = 250;
const HEAP_GROWTH_BYTES_MAX = 64 * 2 ** 20;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    count: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: `${Number(process.hrtime.bigint() % 2n ** 31n)}` },
  },
});
const seed = Number(values.seed);
const random = new SeededRandom(seed);
const seeds = seedMessages();
const input = Buffer.alloc(16_384);
const index = new MessageIndex({
  headBytesMax: 8192,
  bodyBytesMax: 8192,
  requestUriBytesMax: 1024,
  lineBytesMax: 4096,
  headersMax: 96,
});
const outcomes = { accepted: 0, faulty: 0, fatal: 0, unfinished: 0 };

console.log(`fuzz-sip: seed ${seed}, ${seeds.length} seed messages`);
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
process.exitCode = run(Number(values.count), Number(values.seconds) * 1000);

function run(countMax: number, runMs: number): number {
  const startedMs = performance.now();
  let heapBytes = 0;
  let slowestMs = 0;
  let done = 0;
  while (done < countMax && performance.now() - startedMs < runMs) {
    const length = mutate(random, seeds, input);
    const beforeMs = performance.now();
    try {
      readPieces(length);
    } catch (cause) {
      console.error(
        `input ${done} of seed ${seed}:`,
        JSON.stringify(input.toString('latin1', 0, length)),
      );
      console.error(cause);
      return 1;
    }
    const tookMs = performance.now() - beforeMs;
    if (tookMs > INPUT_MS_MAX && repeatMs(length) > INPUT_MS_MAX) {
      console.error(`input ${done} of seed ${seed} took ${tookMs} ms`);
      return 1;
    }
    slowestMs = Math.max(slowestMs, tookMs);
    done++;
    if (done === 20_000) heapBytes = heapInUse();
  }
  const growth = done > 20_000 ? heapInUse() - heapBytes : 0;
  const perSecond = Math.round((done / (performance.now() - startedMs)) * 1000);
  console.log(
    `${done} inputs, ${perSecond}/s, slowest ${slowestMs.toFixed(1)} ms, heap growth ${growth}`,
  );
  console.log(JSON.stringify(outcomes));
  return growth > HEAP_GROWTH_BYTES_MAX ? 1 : 0;
}

/** One connection's bytes, whole or in pieces. */
function readPieces(length: number): void {
  const reader = new MessageReader(index, {
    message: () => count(inspectMessage(index, random)),
    keepAlivePing: () => {},
    keepAlivePong: () => {},
    fatal: (_, isAnswerable) => {
      outcomes.fatal++;
      if (isAnswerable) assert.equal(inspectMessage(index, random), false);
    },
  });
  let start = 0;
  while (start < length) {
    const end = random.below(4) === 0 ? start + 1 + random.below(length - start) : length;
    reader.push(input, start, end);
    start = end;
  }
  if (reader.isMidMessage) outcomes.unfinished++;
}

function count(isAccepted: boolean): void {
  if (isAccepted) outcomes.accepted++;
  else outcomes.faulty++;
}

/** A busy machine can hold anybody up once. */
function repeatMs(length: number): number {
  const beforeMs = performance.now();
  readPieces(length);
  return performance.now() - beforeMs;
}

function heapInUse(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function seedMessages(): Buffer[] {
  const root = new URL('../vectors/', import.meta.url);
  return ['rfc4475/', 'rfc5118/', 'ms-lync/'].flatMap((name) => {
    const folder = new URL(name, root);
    const files = readdirSync(folder).filter((file) => /\.(?:dat|sip)$/.test(file));
    return files.map((file) => readFileSync(new URL(file, folder)));
  });
}

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  ProbeAnswers,
  type Probing,
} from '@sallyport/app-gateway/adapters/channel/probe-answers.ts';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import type { ProbeStep } from '@sallyport/shared/channel/probe.ts';
import { helloOf } from '../../../shared/io/channel-fixture.ts';

const STEP: ProbeStep = { step: 'dns', expected: 'x', seen: 'y', outcome: 'ok', ms: 1 };

class Worker implements Probing {
  readonly asked: {
    readonly type: number;
    readonly exchange: number;
    readonly value: object | string;
  }[] = [];
  readonly name: string;
  readonly node: string;
  readonly connection: Probing['connection'];
  takes = true;

  constructor(name: string, versions = [1, 2], isAvailable = true) {
    this.name = name;
    this.node = name.replace(/\/.*/, '');
    this.connection = {
      isAvailable,
      peer: helloOf('proxy', { protocolVersions: versions }),
      sendJson: (type, _flow, exchange, value) => {
        this.asked.push({ type, exchange, value });
        return this.takes;
      },
    };
  }
}

function answered(answers: ProbeAnswers, worker: Worker, exchange: number, value: unknown): void {
  const bytes = Buffer.from(JSON.stringify(value));
  answers.answered(worker, exchange, bytes, 0, bytes.length);
}

describe('who is asked to try a partner', () => {
  const edge1 = () => new Worker('edge-1/0');
  //  channels                                                       proxy       who, or why not
  const rows: readonly (readonly [() => Worker[], string | undefined, string])[] = [
    [() => [new Worker('edge-2/0'), edge1()], undefined, 'edge-1/0'],
    [() => [edge1(), new Worker('edge-2/0')], 'edge-2', 'edge-2/0'],
    [() => [edge1(), new Worker('edge-1/1')], 'edge-1/1', 'edge-1/1'],
    [() => [new Worker('edge-1/0', [1]), new Worker('edge-2/0')], undefined, 'edge-2/0'],
    [() => [new Worker('edge-1/0', [1, 2], false), new Worker('edge-2/0')], undefined, 'edge-2/0'],
    [() => [], undefined, 'no-proxy'],
    [() => [new Worker('edge-1/0', [1, 2], false)], undefined, 'no-proxy'],
    [() => [edge1()], 'edge-3', 'proxy-unknown'],
    [() => [new Worker('edge-1/0', [1])], undefined, 'proxy-too-old'],
  ];
  for (const [made, proxy, expected] of rows) {
    it(`${proxy ?? 'anyone'}: ${expected}`, async () => {
      const answers = new ProbeAnswers();
      const workers = made();
      const asking = answers.ask(workers, 'globex', 'globex.example', proxy);
      for (const worker of workers) {
        for (const { type, exchange, value } of worker.asked) {
          assert.equal(type, FrameType.probe);
          assert.deepEqual(value, { partner: 'globex', domain: 'globex.example' });
          answered(answers, worker, exchange, { steps: [STEP] });
        }
      }
      const result = await asking;
      assert.equal(result.ok ? result.value.proxy : result.error, expected);
      if (result.ok) assert.deepEqual(result.value.steps, [STEP]);
    });
  }
});

describe('what comes of a probe', () => {
  //  answer                                        result
  const rows: readonly (readonly [unknown, string])[] = [
    [{ refusal: 'busy' }, 'busy'],
    [{ refusal: 'because' }, 'answer-malformed'],
    [{ steps: [{ ...STEP, seen: '\u001b[2J' }] }, 'answer-malformed'],
    ['rubbish', 'answer-malformed'],
  ];
  for (const [value, expected] of rows) {
    it(`${JSON.stringify(value)}: ${expected}`, async () => {
      const answers = new ProbeAnswers();
      const worker = new Worker('edge-1/0');
      const asking = answers.ask([worker], 'globex', 'globex.example', undefined);
      answered(answers, worker, 1, value);
      assert.deepEqual(await asking, { ok: false, error: expected });
    });
  }

  it('only the one who was asked answers, and each question has its own answer', async () => {
    const answers = new ProbeAnswers();
    const [worker, other] = [new Worker('edge-1/0'), new Worker('edge-2/0')];
    const first = answers.ask([worker], 'globex', 'globex.example', undefined);
    const second = answers.ask([worker], 'initech', 'initech.example', undefined);
    answered(answers, other, 1, { refusal: 'draining' });
    answered(answers, worker, 9, { refusal: 'draining' });
    answered(answers, worker, 2, { refusal: 'busy' });
    answered(answers, worker, 1, { steps: [STEP] });
    assert.deepEqual(await second, { ok: false, error: 'busy' });
    assert.equal((await first).ok, true);
  });

  it('a channel that is lost, or takes nothing, gives no answer', async () => {
    const answers = new ProbeAnswers();
    const worker = new Worker('edge-1/0');
    const asking = answers.ask([worker], 'globex', 'globex.example', undefined);
    answers.closed(new Worker('edge-1/0'));
    answers.closed(worker);
    assert.deepEqual(await asking, { ok: false, error: 'answer-missing' });
    worker.takes = false;
    const again = await answers.ask([worker], 'globex', 'globex.example', undefined);
    assert.deepEqual(again, { ok: false, error: 'answer-missing' });
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FrameType, payloadBytesMax } from '@sallyport/shared/channel/frame.ts';
import {
  boundedStep,
  decodeProbe,
  decodeProbeResult,
  knowsProbe,
  PROBE_STEPS_MAX,
  type ProbeStep,
} from '@sallyport/shared/channel/probe.ts';
import { helloOf } from '../io/channel-fixture.ts';

function isGood(decode: typeof decodeProbe | typeof decodeProbeResult) {
  return (value: unknown) => {
    const bytes = Buffer.from(JSON.stringify(value));
    return decode(bytes, 0, bytes.length).ok;
  };
}

const STEP: ProbeStep = {
  step: 'connect',
  target: '[2001:db8::1]:5061',
  expected: 'a TCP connection',
  seen: 'connected',
  outcome: 'ok',
  code: 'x-1',
  ms: 3,
};

//  request                                                   is good
const requests: readonly (readonly [unknown, boolean])[] = [
  [{ partner: 'globex', domain: 'globex.example' }, true],
  [{ partner: 'globex' }, false],
  [{ partner: 'globex', domain: 'globex.example', key: 'x' }, false],
  [{ partner: 'Globex', domain: 'globex.example' }, false],
  [{ partner: 'g'.repeat(63), domain: 'd'.repeat(253) }, true],
  [{ partner: 'g'.repeat(64), domain: 'globex.example' }, false],
  [{ partner: 'globex', domain: 'd'.repeat(254) }, false],
  [{ partner: 'globex', domain: 'globex.example\r\nVia: x' }, false],
  [{ partner: 'globex', domain: 'globex.example>' }, false],
  [[], false],
];

//  answer                                                    is good
const answers: readonly (readonly [unknown, boolean])[] = [
  [{ steps: [STEP] }, true],
  [{ steps: [{ ...STEP, target: undefined, code: undefined }] }, true],
  [{ steps: [] }, false],
  [{ steps: Array(PROBE_STEPS_MAX).fill(STEP) }, true],
  [{ steps: Array(PROBE_STEPS_MAX + 1).fill(STEP) }, false],
  [{ steps: [{ ...STEP, step: 'guess' }] }, false],
  [{ steps: [{ ...STEP, outcome: 'maybe' }] }, false],
  [{ steps: [{ ...STEP, seen: '' }] }, false],
  [{ steps: [{ ...STEP, seen: 'x'.repeat(600) }] }, true],
  [{ steps: [{ ...STEP, seen: 'x'.repeat(601) }] }, false],
  [{ steps: [{ ...STEP, expected: 'x'.repeat(201) }] }, false],
  [{ steps: [{ ...STEP, seen: '\u001b[31m' }] }, false],
  [{ steps: [{ ...STEP, target: 'edge.inside:5061' }] }, false],
  [{ steps: [{ ...STEP, ms: -1 }] }, false],
  [{ steps: [{ ...STEP, ms: 0.5 }] }, false],
  [{ steps: [{ ...STEP, more: 1 }] }, false],
  [{ refusal: 'busy' }, true],
  [{ refusal: 'because' }, false],
  [{ steps: [STEP], refusal: 'busy' }, false],
  [{}, false],
];

describe('the frames that try a partner', () => {
  for (const [value, expected] of requests) {
    it(`request ${JSON.stringify(value).slice(0, 60)} is ${expected ? 'read' : 'refused'}`, () => {
      assert.equal(isGood(decodeProbe)(value), expected);
    });
  }
  for (const [value, expected] of answers) {
    it(`answer ${JSON.stringify(value).slice(0, 60)} is ${expected ? 'read' : 'refused'}`, () => {
      assert.equal(isGood(decodeProbeResult)(value), expected);
    });
  }

  it('make a step of whatever a stranger wrote, and the most of them fit the frame', () => {
    const worst = boundedStep({
      ...STEP,
      target: 'f'.repeat(64),
      expected: '"'.repeat(10_000),
      seen: '\\'.repeat(10_000),
      code: 'c'.repeat(64),
      ms: 1e12,
    });
    const result = { steps: Array(PROBE_STEPS_MAX).fill(worst) };
    assert.ok(isGood(decodeProbeResult)(result));
    assert.ok(JSON.stringify(result).length <= payloadBytesMax(FrameType.probeResult));
    const odd = boundedStep({ ...STEP, expected: '', seen: 'a\u0000b\u202eü\n', ms: -0.4 });
    assert.equal(odd.expected, '-');
    assert.equal(odd.seen, 'a?b???');
    assert.ok(isGood(decodeProbeResult)({ steps: [odd] }));
  });

  //  ours    theirs  knows
  const versions: readonly (readonly [number[], number[], boolean])[] = [
    [[1, 2], [1, 2], true],
    [[1, 2], [1], false],
    [[1], [1, 2], false],
  ];
  for (const [ours, theirs, expected] of versions) {
    it(`${JSON.stringify([ours, theirs])}: ${expected ? 'sent' : 'not sent'}`, () => {
      assert.equal(knowsProbe(ours, helloOf('proxy', { protocolVersions: theirs })), expected);
    });
  }

  it('are not sent before the hello', () => assert.equal(knowsProbe([1, 2], undefined), false));
});

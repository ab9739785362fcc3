import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { limitsSchema } from '@sallyport/app-gateway/config/limits-schema.ts';
import { SIP_BYTES_MAX } from '@sallyport/shared/channel/frame.ts';

const BOUNDS: readonly (readonly [
  name: keyof typeof limitsSchema.shape,
  min: number,
  max: number,
])[] = [
  ['connectionsMax', 1, 100_000],
  ['connectionsPerSourceMax', 1, 100_000],
  ['connectionsPerSourcePerSecond', 1, 10_000],
  ['handshakeTimeoutMs', 1000, 60_000],
  ['firstMessageTimeoutMs', 1000, 300_000],
  ['headBytesMax', 2048, 65_536],
  ['bodyBytesMax', 0, 262_144],
  ['requestUriBytesMax', 128, 8192],
  ['lineBytesMax', 512, 16_384],
  ['headersMax', 32, 1024],
  ['outboundConnectTimeoutMs', 500, 30_000],
  ['flowQueueBytesMax', 65_536, 16_777_216],
  ['pendingRequestsMax', 16, 1_000_000],
];

describe('limits', () => {
  it('all have a default', () => {
    assert.deepEqual(
      Object.keys(limitsSchema.parse({})).sort(),
      BOUNDS.map(([name]) => name).sort(),
    );
  });

  for (const [name, min, max] of BOUNDS) {
    it(`${name} lies within ${min} and ${max}`, () => {
      const accepts = (value: unknown) => limitsSchema.safeParse({ [name]: value }).success;
      assert.deepEqual([min - 1, min, max, max + 1, min + 0.5, Infinity, null].map(accepts), [
        false,
        true,
        true,
        false,
        false,
        false,
        false,
      ]);
    });
  }

  it('leave room for the largest message within one channel frame', () => {
    const largest = limitsSchema.parse({ headBytesMax: 65_536, bodyBytesMax: 262_144 });
    assert.ok(largest.headBytesMax + largest.bodyBytesMax <= SIP_BYTES_MAX);
  });
});

import type { MessageLimits } from '@sallyport/shared/sip/message-index.ts';
import { z } from 'zod';

/** The largest message that any site may allow: what was once accepted can be read with these, whatever holds now. */
export const LARGEST_MESSAGE: MessageLimits = {
  headBytesMax: 65_536,
  bodyBytesMax: 262_144,
  requestUriBytesMax: 8192,
  lineBytesMax: 16_384,
  headersMax: 1024,
};

/**
 * What one edge process bears before it refuses. Every limit has a range, because a limit that is
 * practically infinite is no limit; the upper ends also keep one message within one channel frame.
 */
export const limitsSchema = z.strictObject({
  connectionsMax: z.int().min(1).max(100_000).default(20_000),
  connectionsPerSourceMax: z.int().min(1).max(100_000).default(64),
  connectionsPerSourcePerSecond: z.int().min(1).max(10_000).default(20),
  handshakeTimeoutMs: z.int().min(1000).max(60_000).default(10_000),
  firstMessageTimeoutMs: z.int().min(1000).max(300_000).default(30_000),
  headBytesMax: z.int().min(2048).max(LARGEST_MESSAGE.headBytesMax).default(16_384),
  bodyBytesMax: z.int().min(0).max(LARGEST_MESSAGE.bodyBytesMax).default(65_536),
  requestUriBytesMax: z.int().min(128).max(LARGEST_MESSAGE.requestUriBytesMax).default(2048),
  lineBytesMax: z.int().min(512).max(LARGEST_MESSAGE.lineBytesMax).default(8192),
  headersMax: z.int().min(32).max(LARGEST_MESSAGE.headersMax).default(128),
  outboundConnectTimeoutMs: z.int().min(500).max(30_000).default(5000),
  flowQueueBytesMax: z.int().min(65_536).max(16_777_216).default(1_048_576),
  pendingRequestsMax: z.int().min(16).max(1_000_000).default(50_000),
});

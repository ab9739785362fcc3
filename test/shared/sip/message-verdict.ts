import { statusOf } from '@sallyport/shared/sip/fault-status.ts';
import { MessageIndex, type MessageLimits } from '@sallyport/shared/sip/message-index.ts';
import { MessageReader } from '@sallyport/shared/sip/message-reader.ts';
import { checkRequest, checkResponse } from '@sallyport/shared/sip/syntax-check.ts';

/** Roomy limits for tests that are not about limits. */
export const ROOMY: MessageLimits = {
  headBytesMax: 65_536,
  bodyBytesMax: 65_536,
  requestUriBytesMax: 2048,
  lineBytesMax: 8192,
  headersMax: 128,
};

/**
 * What an edge does with the bytes of a stream, one word per message: `forward` or `accept` (a response), a status,
 * `drop` (a faulty response), `ping` and `pong`. `close` follows a fatal fault, `wait` an unfinished message.
 */
export function verdicts(bytes: Buffer, limits: MessageLimits = ROOMY, splits: number[] = []) {
  const words: string[] = [];
  const index = new MessageIndex(limits);
  const reader = new MessageReader(index, {
    message: () => void words.push(judge(index)),
    keepAlivePing: () => void words.push('ping'),
    keepAlivePong: () => void words.push('pong'),
    fatal: (_, isAnswerable) => {
      words.push(isAnswerable ? judge(index) : 'unanswerable', 'close');
    },
  });
  let start = 0;
  for (const end of [...splits, bytes.length]) {
    reader.push(Buffer.from(bytes.subarray(start, end)), 0, end - start);
    start = end;
  }
  if (reader.isMidMessage) words.push('wait');
  return words.join(' ');
}

function judge(index: MessageIndex): string {
  if (!index.isRequest) return checkResponse(index) === undefined ? 'accept' : 'drop';
  const fault = checkRequest(index);
  return fault === undefined ? 'forward' : `${statusOf(fault).status}`;
}

import { Buffer } from 'node:buffer';
import { createSocket } from 'node:dgram';

const TIMEOUT_MS = 2000;
/** Seconds from the era of NTP, 1900, to that of this machine, 1970. */
const ERA_S = 2_208_988_800;
const ANSWER_BYTES = 48;

/**
 * How far a time server’s clock is ahead of this one, from one exchange (RFC 5905 §8); undefined without an answer.
 *
 * The way there is taken to be as long as the way back, so it is off by half of the time on the way at most.
 */
export function askTime(
  address: string,
  port: number,
  nowMs: () => number,
): Promise<number | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    let sentMs = 0;
    const end = (aheadMs: number | undefined) => {
      clearTimeout(timer);
      socket.removeAllListeners('message').removeAllListeners('error');
      socket.on('error', () => undefined);
      socket.close();
      resolve(aheadMs);
    };
    const timer = setTimeout(() => end(undefined), TIMEOUT_MS);
    socket.on('error', () => end(undefined));
    socket.on('message', (answer) => {
      const receivedMs = nowMs();
      const isAnswer = answer.length >= ANSWER_BYTES && ((answer[0] ?? 0) & 7) === 4;
      if (!isAnswer) return;
      const [theirStartMs, theirEndMs] = [timeAt(answer, 32), timeAt(answer, 40)];
      end((theirStartMs - sentMs + (theirEndMs - receivedMs)) / 2);
    });
    socket.once('connect', () => {
      sentMs = nowMs();
      socket.send(Buffer.concat([Buffer.from([0x23]), Buffer.alloc(ANSWER_BYTES - 1)]));
    });
    socket.connect(port, address);
  });
}

function timeAt(answer: Buffer, at: number): number {
  const seconds = answer.readUInt32BE(at) - ERA_S;
  return seconds * 1000 + (answer.readUInt32BE(at + 4) * 1000) / 2 ** 32;
}

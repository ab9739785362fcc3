import { Buffer } from 'node:buffer';
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { errorCode } from '@sallyport/shared/error-code.ts';
import type { Seen } from '../../doctor/judge-pair.ts';
import type { Question } from '../../doctor/pairs.ts';

/** Where, and how long an answer is waited for. */
export interface TargetPlace {
  readonly address: string;
  readonly port: number;
}

/** Asks a place once and says what came of it. A connection that stands is closed without a word. */
export function tryTarget(
  place: TargetPlace,
  question: Question,
  timeoutMs: number,
): Promise<Seen> {
  return question === 'connect'
    ? tryConnection(place, timeoutMs)
    : tryDatagram(place, QUESTIONS[question], timeoutMs);
}

function tryConnection({ address, port }: TargetPlace, timeoutMs: number): Promise<Seen> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const timer = setTimeout(() => end('silent'), timeoutMs);
    const end = (seen: Seen) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(seen);
    };
    socket.once('connect', () => end('open'));
    socket.on('error', (cause) => end(seenIn(cause)));
  });
}

function tryDatagram(
  { address, port }: TargetPlace,
  payload: Buffer,
  timeoutMs: number,
): Promise<Seen> {
  return new Promise((resolve) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    let isOver = false;
    const end = (seen: Seen) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      clearTimeout(again);
      socket.close();
      resolve(seen);
    };
    const timer = setTimeout(() => end('silent'), timeoutMs);
    // Datagrams are lost now and then: only twice in a row is silence.
    const again = setTimeout(() => ask(), timeoutMs / 2);
    const ask = () => {
      socket.send(payload, (cause) => {
        if (cause !== null) end(seenIn(cause));
      });
    };
    socket.once('message', () => end('open'));
    socket.on('error', (cause) => end(seenIn(cause)));
    // Tied to its peer, it hears of ICMP messages and takes answers of nobody else.
    socket.once('connect', ask);
    socket.connect(port, address);
  });
}

function seenIn(cause: Error): Seen {
  const code = errorCode(cause);
  switch (code) {
    case 'ECONNREFUSED':
    case 'ECONNRESET':
      return 'refused';
    case 'EPERM':
    case 'EACCES':
      return 'blocked-here';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
    case 'EHOSTDOWN':
    case 'ENONET':
      return 'unreachable';
    case 'ETIMEDOUT':
      return 'silent';
    default:
      return 'not-tried';
  }
}

const QUESTIONS: Readonly<Record<Exclude<Question, 'connect'>, Buffer>> = {
  // Who serves the root (RFC 1035 §4.1): every name server says something to that, be it "refused".
  dns: Buffer.from('5a5001000001000000000000' + '00' + '00020001', 'hex'),
  // A client of version 4 (RFC 5905 §7.3).
  ntp: Buffer.concat([Buffer.from([0x23]), Buffer.alloc(47)]),
};

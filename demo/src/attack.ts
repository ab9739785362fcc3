import { connect, type TLSSocket } from 'node:tls';
import type { Issued } from '@sallyport/certs/authority.ts';
import { OUR_DOMAIN } from './demo-site.ts';

/** How an attacker comes to the public port. */
export interface Attacker {
  readonly port: number;
  readonly identity: Issued | undefined;
}

const ANSWER_TIMEOUT_MS = 5000;
let counter = 0;

/** A page-mode message as raw text, so that it can be wrong in any way. */
export function rawMessage(from: string, extra = '', length = 'Content-Length: 2\r\n'): string {
  const number = ++counter;
  return (
    `MESSAGE sip:alice@${OUR_DOMAIN} SIP/2.0\r\n` +
    `Via: SIP/2.0/TLS attacker.example;branch=z9hG4bKattack${number}\r\n` +
    `Max-Forwards: 70\r\nFrom: <sip:${from}>;tag=a${number}\r\nTo: <sip:alice@${OUR_DOMAIN}>\r\n` +
    `Call-ID: attack${number}@attacker.example\r\nCSeq: 1 MESSAGE\r\n${extra}${length}\r\nhi`
  );
}

/**
 * Connects, sends, and tells in words how it ended: the status line that came back, then whether the
 * connection was closed on us.
 */
export function attack(attacker: Attacker, texts: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const answers: string[] = [];
    const socket = open(attacker);
    let told = false;
    const tell = (end: string) => {
      if (told) return;
      told = true;
      clearTimeout(timer);
      socket.destroy();
      resolve([...answers, end].filter((part) => part !== '').join(', '));
    };
    const timer = setTimeout(() => tell(answers.length > 0 ? '' : 'no answer'), ANSWER_TIMEOUT_MS);
    socket.once('secureConnect', () => {
      for (const text of texts) socket.write(text, 'latin1');
    });
    socket.on('data', (chunk: Buffer) => {
      for (const [, status] of chunk.toString('latin1').matchAll(/SIP\/2\.0 (\d{3}) /g)) {
        answers.push(status ?? '');
      }
      if (texts.length === 1 && answers[0] === '403') tell('');
    });
    socket.once('error', () => tell('connection refused'));
    socket.once('close', () => tell('closed'));
  });
}

/** Sends many messages at once; tells how many were taken and how many turned away. */
export function flood(attacker: Attacker, from: string, count: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = open(attacker);
    let ok = 0;
    let refused = 0;
    let tail = '';
    const timer = setTimeout(() => finish(), ANSWER_TIMEOUT_MS);
    const finish = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(refused > 0 && ok > 0 ? 'some pass, then 503' : `${ok} passed, ${refused} refused`);
    };
    socket.once('secureConnect', () => {
      for (let i = 0; i < count; i++) socket.write(rawMessage(from), 'latin1');
    });
    socket.on('data', (chunk: Buffer) => {
      const text = tail + chunk.toString('latin1');
      for (const [, status] of text.matchAll(/SIP\/2\.0 (\d{3}) /g)) {
        if (status === '503') refused++;
        else ok++;
      }
      // One character less than a match: nothing is missed at a seam, and nothing counted twice.
      tail = text.slice(-11);
      if (ok + refused === count) finish();
    });
    socket.once('error', () => finish());
    socket.once('close', () => finish());
  });
}

function open(attacker: Attacker): TLSSocket {
  return connect({
    host: '127.0.0.1',
    port: attacker.port,
    servername: OUR_DOMAIN,
    // An attacker does not care who we are.
    rejectUnauthorized: false,
    ...(attacker.identity && {
      cert: attacker.identity.certificatePem,
      key: attacker.identity.privateKeyPem,
    }),
  });
}

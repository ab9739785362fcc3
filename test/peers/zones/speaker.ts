import { readFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'node:tls';
import { Line } from '../../integration/support/pair-line.ts';
import { requestText } from '../../integration/support/pair-message.ts';

/**
 * A program for a namespace: writes page-mode messages over one connection, says the status of each answer as a line
 * of JSON, and comes back when the connection is lost.
 */
export interface Speaker {
  readonly host: string;
  readonly port: number;
  /** Absent: plain TCP. */
  readonly tls?: { readonly serverName: string; readonly chain: string; readonly key: string };
  readonly from: string;
  readonly to: string;
  /** Messages in all; each waits for the answer to the one before. */
  readonly count: number;
  readonly pauseMs: number;
  /** It waits for an answer for as long as the connection lasts, as a program without SIP's keep-alive. */
  readonly isPatient?: boolean;
  /** Begins every Call-ID. */
  readonly name: string;
}

const CONNECT_MS = 2000;
const ANSWER_MS = 3000;
const PATIENCE_MS = 300_000;
const AGAIN_MS = 100;

/** What became of one message. */
export interface Said {
  readonly at: number;
  readonly callId: string;
  /** 0: no answer, or no connection. */
  readonly status: number;
  /** 1 for the first one made; a lost one is made again between two messages as well, and then no answer is missing. */
  readonly connection: number;
}

const wishes = JSON.parse(process.argv[2] ?? '') as Speaker;
let line: Line | undefined;
let connection = 0;
for (let number = 1; number <= wishes.count; number += 1) {
  if (line === undefined || line.isClosed) {
    line = await connected();
    if (line !== undefined) connection += 1;
  }
  const callId = `${wishes.name}-${number}@${wishes.from.split('@')[1]}`;
  const status = line === undefined ? 0 : await statusOf(line, callId);
  const said: Said = { at: Date.now(), callId, status, connection };
  process.stdout.write(`${JSON.stringify(said)}\n`);
  if (status === 0) line?.end();
  await delay(status === 0 ? Math.max(AGAIN_MS, wishes.pauseMs) : wishes.pauseMs);
}
line?.end();

async function statusOf(current: Line, callId: string): Promise<number> {
  const text = requestText('MESSAGE', {
    uri: `sip:${wishes.to}`,
    from: `<sip:${wishes.from}>`,
    to: `<sip:${wishes.to}>`,
    sentBy: wishes.from.split('@')[1] ?? '',
    callId,
    headers: ['Content-Type: text/plain'],
    body: 'x',
  });
  // Speakers share a domain and each counts for itself: two of one branch at a time would be one transaction (RFC 3261 §17.2.3).
  const own = text.replace('branch=z9hG4bK', `branch=z9hG4bK${wishes.name}`);
  current.send(wishes.tls === undefined ? own.replace('SIP/2.0/TLS', 'SIP/2.0/TCP') : own);
  const answer = () => current.messages.find((one) => one.isFinal && one.callId === callId);
  const waitMs = wishes.isPatient === true ? PATIENCE_MS : ANSWER_MS;
  try {
    await current.until(() => answer() !== undefined || current.isClosed, 'an answer', waitMs);
  } catch {
    return 0;
  }
  return answer()?.status ?? 0;
}

async function connected(): Promise<Line | undefined> {
  const { host, port, tls } = wishes;
  const socket =
    tls === undefined
      ? connectTcp({ host, port })
      : connect({
          host,
          port,
          servername: tls.serverName,
          rejectUnauthorized: false,
          cert: readFileSync(tls.chain),
          key: readFileSync(tls.key),
        });
  const isThere = await new Promise<boolean>((resolve) => {
    socket.setTimeout(CONNECT_MS, () => resolve(false));
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => resolve(true));
    socket.once('error', () => resolve(false));
  });
  socket.setTimeout(0);
  if (isThere) return new Line(socket);
  socket.destroy();
  return undefined;
}

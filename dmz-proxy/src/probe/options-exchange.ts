import { randomBytes } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { Header } from '@sallyport/shared/sip/header-name.ts';
import { MessageIndex, type MessageLimits } from '@sallyport/shared/sip/message-index.ts';
import { MessageReader } from '@sallyport/shared/sip/message-reader.ts';
import { onEnding, type Patience } from './open-connection.ts';
import type { Ending } from './tls-ending.ts';

/** Who asks whom. */
export interface OptionsQuestion {
  /** The partner's domain. */
  readonly domain: string;
  /** Ours, one that our certificate covers. */
  readonly ownDomain: string;
  /** `host:port` for our Via. */
  readonly sentBy: string;
}

/** The final answer to our OPTIONS. */
export interface OptionsAnswer {
  readonly status: number;
  readonly reasonPhrase: string;
  /** Its Date field (RFC 3261 §20.17), as it stands there. */
  readonly date: string | undefined;
}

/**
 * Asks the partner's edge what it can (RFC 3261 §11); any final answer will do.
 *
 * What the peer asks us meanwhile is not answered: the connection is closed in a moment.
 */
export function askOptions(
  socket: TLSSocket,
  question: OptionsQuestion,
  limits: MessageLimits,
  { timeoutMs, signal }: Patience,
): Promise<Result<OptionsAnswer, Ending>> {
  return new Promise((resolve) => {
    const end = (result: Result<OptionsAnswer, Ending>): void => {
      clearTimeout(timer);
      resolve(result);
    };
    const timer = setTimeout(() => end(err({ kind: 'timeout' })), timeoutMs);
    const callId = randomBytes(12).toString('hex');
    const reader = new MessageReader(new MessageIndex(limits), {
      message: (index) => {
        const isOurs = !index.isRequest && index.valueOf(Header.callId) === callId;
        if (isOurs && index.status >= 200) end(ok(answerOf(index)));
      },
      keepAlivePing: () => undefined,
      keepAlivePong: () => undefined,
      fatal: () => end(err({ kind: 'error', code: 'not-sip' })),
    });
    onEnding(socket, signal, (ending) => end(err(ending)));
    socket.on('data', (chunk: Buffer) => reader.push(chunk, 0, chunk.length));
    socket.write(optionsText(question, callId));
  });
}

function answerOf(index: MessageIndex): OptionsAnswer {
  const line = index.textAt(index.start, index.startLineEnd).trim();
  return {
    status: index.status,
    reasonPhrase: line.split(' ').slice(2).join(' '),
    date: index.valueOf(Header.date),
  };
}

/** All that stands in it comes out of the signed snapshot. */
function optionsText({ domain, ownDomain, sentBy }: OptionsQuestion, callId: string): string {
  const lines = [
    `OPTIONS sip:${domain} SIP/2.0`,
    `Via: SIP/2.0/TLS ${sentBy};branch=z9hG4bK${callId};rport`,
    'Max-Forwards: 70',
    `From: <sip:${ownDomain}>;tag=${callId.slice(0, 8)}`,
    `To: <sip:${domain}>`,
    `Call-ID: ${callId}`,
    'CSeq: 1 OPTIONS',
    `Contact: <sip:${sentBy};transport=tls>`,
    'Accept: application/sdp',
    'Content-Length: 0',
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

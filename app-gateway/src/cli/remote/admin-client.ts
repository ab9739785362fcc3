import { errorCode } from '@sallyport/shared/error-code.ts';
import { parsedJson } from '@sallyport/shared/parsed-json.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { http } from '../../adapters/host/node-http.ts';
import {
  ADMIN_BYTES_MAX,
  type AdminAnswer,
  type AdminFacts,
  type AdminRequest,
} from '../../commands/admin-protocol.ts';
import type { CommandRefusal } from '../../commands/command-refusal.ts';

/** Longer than the gateway takes for anything. */
const ANSWER_MS = 75_000;
/** An answer may hold several files. */
const ANSWER_BYTES_MAX = 8 * ADMIN_BYTES_MAX;

/** Speaks with one gateway over its socket; every failure is a refusal that says what to do. */
export class AdminClient {
  readonly #socket: string;

  constructor(socket: string) {
    this.#socket = socket;
  }

  async facts(): Promise<Result<AdminFacts, CommandRefusal>> {
    const answer = await this.#exchange('GET', '/v1/commands', undefined);
    return answer.ok ? ok(answer.answer as AdminFacts) : err(answer.error);
  }

  ask(words: readonly string[], body: AdminRequest): Promise<AdminAnswer> {
    return this.#exchange('POST', `/v1/${words.join('/')}`, JSON.stringify(body));
  }

  #exchange(method: string, path: string, body: string | undefined): Promise<AdminAnswer> {
    return new Promise((resolve) => {
      const refused = (error: CommandRefusal) => resolve({ ok: false, error });
      const bytes = Buffer.byteLength(body ?? '');
      if (bytes > ADMIN_BYTES_MAX) return refused(TOO_LARGE);
      const sent = http.request(
        {
          socketPath: this.#socket,
          path,
          method,
          timeout: ANSWER_MS,
          headers:
            body === undefined
              ? {}
              : { 'content-type': 'application/json', 'content-length': bytes },
        },
        (response) => {
          const chunks: Buffer[] = [];
          let size = 0;
          response.on('data', (chunk: Buffer) => {
            size += chunk.length;
            if (size > ANSWER_BYTES_MAX) response.destroy();
            else chunks.push(chunk);
          });
          response.once('error', () => refused(BROKEN));
          response.once('close', () => refused(BROKEN));
          response.once('end', () => resolve(answerOf(Buffer.concat(chunks).toString('utf8'))));
        },
      );
      sent.once('timeout', () => sent.destroy(new Error('timeout')));
      sent.once('error', (cause) => refused(unreachable(this.#socket, cause)));
      sent.end(body);
    });
  }
}

const TOO_LARGE: CommandRefusal = {
  code: 'request-too-large',
  message: 'files and parameters together are too large for the gateway',
  next: 'a file may have 1 MiB, and all of them together 1.5 MiB',
};
const BROKEN: CommandRefusal = {
  code: 'answer-broken',
  message: 'the gateway’s answer was cut off or is not understood',
  next: 'use the sallyport program of the gateway’s version; see "sallyport events list" for what was done',
};

function answerOf(text: string): AdminAnswer {
  const answer = parsedJson(text);
  return typeof answer === 'object' && answer !== null && 'ok' in answer
    ? (answer as AdminAnswer)
    : { ok: false, error: BROKEN };
}

function unreachable(socket: string, cause: Error): CommandRefusal {
  const code = errorCode(cause);
  if (code === 'EACCES' || code === 'EPERM') {
    return {
      code: 'gateway-forbidden',
      message: `no right to open ${socket}`,
      next: 'give the command as the user that the gateway runs as (sudo -u …)',
    };
  }
  return {
    code: 'gateway-unreachable',
    message: `no gateway answers on ${socket}${cause.message === 'timeout' ? ' in time' : ''}`,
    next: 'start it (sallyport app-gateway --bundle DIR; with packages: systemctl start sallyport-app-gateway@NODE), wait for “admin-ready” in its log where it is being started, or name another: --bundle DIR, --socket PATH',
  };
}

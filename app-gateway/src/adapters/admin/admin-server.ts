import { errorCode } from '@sallyport/shared/error-code.ts';
import type { Logger } from '@sallyport/shared/io/json-log.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { type FastifyInstance, fastify } from 'fastify';
import {
  ADMIN_BYTES_MAX,
  type AdminAnswer,
  type AdminFacts,
} from '../../commands/admin-protocol.ts';
import type { AnyCommand } from '../../commands/command.ts';
import type { CommandContext } from '../../commands/command-context.ts';
import type { CommandRefusal } from '../../commands/command-refusal.ts';
import { carryOut } from './carry-out.ts';
import { claimSocket, type SocketRefusal, securedSocket } from './socket-file.ts';

export const CONCURRENT_MAX = 16;
const COMMAND_MS = 60_000;
const REQUEST_MS = 30_000;

/**
 * The gateway's commands over HTTP, one route each, on a Unix socket.
 *
 * The socket's permissions decide who may ask, operators' signatures who may change; a network
 * front could later serve the same routes.
 */
export class AdminServer {
  readonly #app: FastifyInstance;
  readonly #log: Logger;
  #running = 0;

  constructor(commands: readonly AnyCommand[], context: CommandContext, log: Logger) {
    this.#log = log;
    this.#app = fastify({
      bodyLimit: ADMIN_BYTES_MAX,
      requestTimeout: REQUEST_MS,
      forceCloseConnections: true,
      logger: false,
    });
    this.#app.setNotFoundHandler((_request, reply) => {
      void reply.code(404).send(refused(UNKNOWN));
    });
    this.#app.setErrorHandler((cause, _request, reply) => {
      const status = statusOf(cause);
      if (status >= 500) this.#log.error('command-failed', { reason: nameOf(cause) });
      void reply.code(status).send(refused(FAULTS[status] ?? FAILED));
    });
    this.#app.get('/v1/commands', () => ({ ok: true, answer: factsOf(commands, context) }));
    for (const command of commands) {
      this.#app.post(`/v1/${command.words.join('/')}`, async (request, reply) => {
        const outcome = await this.#limited(() => carryOut(command, request.body, context, log));
        void reply.code(outcome.ok ? 200 : (STATUS[outcome.error.code] ?? 409));
        return outcome.ok ? { ok: true, answer: outcome.value } : refused(outcome.error);
      });
    }
  }

  /** Opens the socket; refused while another program answers on it, and by a file system that takes no sockets. */
  async listen(path: string): Promise<Result<undefined, SocketRefusal>> {
    const claimed = await claimSocket(path);
    if (!claimed.ok) return claimed;
    try {
      await this.#app.listen({ path });
      securedSocket(path);
      return ok(undefined);
    } catch (cause) {
      await this.close();
      return err(`${path} cannot be opened (${errorCode(cause) ?? 'unknown'})`);
    }
  }

  /** Ends every connection; a command under way is written or not, as the store decides. */
  async close(): Promise<void> {
    await this.#app.close();
  }

  /** For tests: a request without a socket. */
  get routes(): Pick<FastifyInstance, 'inject'> {
    return this.#app;
  }

  async #limited(
    work: () => Promise<Result<unknown, CommandRefusal>>,
  ): Promise<Result<unknown, CommandRefusal>> {
    if (this.#running >= CONCURRENT_MAX) return err(BUSY);
    this.#running++;
    const working = work().finally(() => this.#running--);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Result<never, CommandRefusal>>((resolve) => {
      timer = setTimeout(() => resolve(err(LATE)), COMMAND_MS);
    });
    try {
      return await Promise.race([working, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

const UNKNOWN: CommandRefusal = {
  code: 'command-unknown',
  message: 'this gateway knows no such command',
  next: 'use the sallyport program of the gateway’s version; GET /v1/commands lists all',
};
const FAILED: CommandRefusal = {
  code: 'failed',
  message: 'the gateway could not carry it out',
  next: 'see its log, event "command-failed"',
};
const BUSY: CommandRefusal = {
  code: 'busy',
  message: `${CONCURRENT_MAX} commands are under way already`,
  next: 'wait for one to end',
};
const LATE: CommandRefusal = {
  code: 'timeout',
  message: 'no end within a minute; it may still be carried out',
  next: 'look before you try again: sallyport events list',
};
const MALFORMED: CommandRefusal = {
  code: 'request-malformed',
  message: 'the request is no JSON object',
  next: 'use the sallyport program',
};
const TOO_LARGE: CommandRefusal = {
  code: 'request-too-large',
  message: `the request is larger than ${ADMIN_BYTES_MAX} bytes`,
  next: 'a file may have 1 MiB, and all of them together 1.5 MiB',
};
const FAULTS: Readonly<Record<number, CommandRefusal>> = {
  400: MALFORMED,
  413: TOO_LARGE,
  415: MALFORMED,
};

/** Where a refusal is more than "not as things stand" (409). */
const STATUS: Readonly<Record<string, number>> = {
  'request-malformed': 400,
  'parameters-wrong': 400,
  unsigned: 401,
  'signature-wrong': 401,
  'operator-unknown': 401,
  'operator-disabled': 403,
  'role-too-low': 403,
  'officer-needed': 403,
  busy: 503,
  'store-unavailable': 503,
  timeout: 504,
};

function refused(error: CommandRefusal): AdminAnswer {
  return { ok: false, error };
}

function factsOf(commands: readonly AnyCommand[], { site, node }: CommandContext): AdminFacts {
  return {
    site: site.name,
    node,
    commands: commands.map(({ words, summary, role, parameters }) => ({
      words,
      summary,
      ...(role !== undefined && { role }),
      parameters,
    })),
  };
}

function statusOf(cause: unknown): number {
  const status = cause instanceof Error && 'statusCode' in cause ? cause.statusCode : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}

/** The kind of the error alone: its message could hold what was sent. */
function nameOf(cause: unknown): string {
  return cause instanceof Error ? cause.name : 'unknown';
}

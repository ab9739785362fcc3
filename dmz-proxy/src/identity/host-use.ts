import type { ChildProcess } from 'node:child_process';
import { hash } from 'node:crypto';
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { Clock } from '@sallyport/shared/io/clock.ts';
import type { PartnerTable } from './partner.ts';
import type { PartnerLoad } from './partner-load.ts';

/** Where workers tell each other what partners use: a pipe in both directions, behind that of their fitness. */
export const HOST_USE_FD = 5;

/** How often a worker tells the others what has changed. */
const TELL_MS = 100;

/**
 * Worker (1), nothing (3), the start of the SHA-256 of the partner's id (8), messages (4), connections (4), requests in
 * flight (4). All of one size, so that whoever passes them on understands nothing of them.
 */
const RECORD_BYTES = 24;
const KEY_BYTES = 8;
const KEY_AT = 4;
const MESSAGES_AT = KEY_AT + KEY_BYTES;
const CONNECTIONS_AT = MESSAGES_AT + 4;
const REQUESTS_AT = CONNECTIONS_AT + 4;

/** Above this much unsent nothing is told: it will be, with what has come since. */
const UNSENT_BYTES_MAX = 262_144;
const REPEAT_TELLINGS = 10;
const U32_MAX = 0xff_ff_ff_ff;

/** The launcher's half: passes on to all other workers what one says, in whole records, and looks at nothing. */
export class HostUseRelay {
  readonly #lines = new Map<number, Duplex>();

  /** Listens to a worker that was just started, until it ends; one that could not be has no pipes. */
  join(worker: number, child: Partial<Pick<ChildProcess, 'stdio'>>): void {
    // Node's type ends one before.
    const line: unknown = [...(child.stdio ?? [])].at(HOST_USE_FD);
    if (!(line instanceof Duplex)) return;
    this.#lines.set(worker, line);
    const records = new RecordCutter((bytes) => {
      for (let at = 0; at < bytes.length; at += RECORD_BYTES) bytes.writeUInt8(worker, at);
      for (const [other, to] of this.#lines) if (other !== worker) send(to, bytes);
    });
    line.on('error', () => undefined);
    line.on('data', (bytes: Buffer) => records.push(bytes));
    line.once('close', () => {
      if (this.#lines.get(worker) === line) this.#lines.delete(worker);
    });
  }
}

/** A worker's half: tells the others what partners use of it, and hears what they use of them. */
export class HostUse {
  readonly #line: Duplex;
  #loads: ReadonlyMap<string, PartnerLoad> = new Map();
  #tellings = 0;

  /** `line`: to the launcher. */
  constructor(line: Duplex, clock: Clock) {
    this.#line = line;
    const records = new RecordCutter((bytes) => this.#heard(bytes, clock.monotonicMs()));
    line.on('error', () => undefined);
    line.on('data', (bytes: Buffer) => records.push(bytes));
    clock.every(TELL_MS, () => this.#tell(clock.monotonicMs()));
  }

  /** Of other partners nothing is told, and nothing heard. */
  usePartners({ byId }: PartnerTable): void {
    this.#loads = new Map([...byId].map(([id, { load }]) => [keyOf(id), load]));
  }

  #tell(nowMs: number): void {
    const line = this.#line;
    if (line.writableLength > UNSENT_BYTES_MAX) return;
    const isRepeated = ++this.#tellings % REPEAT_TELLINGS === 0;
    const records: Buffer[] = [];
    for (const [key, load] of this.#loads) {
      load.sweep(nowMs);
      const use = load.toTell(isRepeated);
      if (use === undefined) continue;
      const record = Buffer.alloc(RECORD_BYTES);
      record.write(key, KEY_AT, 'latin1');
      record.writeUInt32BE(Math.min(use.messages, U32_MAX), MESSAGES_AT);
      record.writeUInt32BE(use.connections, CONNECTIONS_AT);
      record.writeUInt32BE(use.requestsInFlight, REQUESTS_AT);
      records.push(record);
    }
    if (records.length > 0) send(line, Buffer.concat(records));
  }

  #heard(bytes: Buffer, nowMs: number): void {
    for (let at = 0; at < bytes.length; at += RECORD_BYTES) {
      const load = this.#loads.get(bytes.toString('latin1', at + KEY_AT, at + MESSAGES_AT));
      const use = {
        messages: bytes.readUInt32BE(at + MESSAGES_AT),
        connections: bytes.readUInt32BE(at + CONNECTIONS_AT),
        requestsInFlight: bytes.readUInt32BE(at + REQUESTS_AT),
      };
      load?.heard(bytes.readUInt8(at), use, nowMs);
    }
  }
}

/** The pipe that the launcher has made; only for a worker that it has started. */
export function hostUsePipe(): Duplex {
  return new Socket({ fd: HOST_USE_FD, readable: true, writable: true }).unref();
}

/** Hands on whole records; of one that is not complete it keeps what there is. */
class RecordCutter {
  readonly #take: (records: Buffer) => void;
  #rest: Buffer = Buffer.alloc(0);

  constructor(take: (records: Buffer) => void) {
    this.#take = take;
  }

  push(bytes: Buffer): void {
    const all = Buffer.concat([this.#rest, bytes]);
    const whole = all.length - (all.length % RECORD_BYTES);
    this.#rest = all.subarray(whole);
    if (whole > 0) this.#take(all.subarray(0, whole));
  }
}

function keyOf(id: string): string {
  return hash('sha256', id, 'buffer').toString('latin1', 0, KEY_BYTES);
}

/** What a reader that hangs does not take is lost: it would be told again, if it came back. */
function send(to: Duplex, bytes: Buffer): void {
  if (to.writable && to.writableLength <= UNSENT_BYTES_MAX) to.write(bytes);
}

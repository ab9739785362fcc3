import { generateKeyPairSync, hash, type KeyObject } from 'node:crypto';
import type { PackRange } from '@sallyport/app-gateway/ledger/pack-pages.ts';
import { firstPackPage, packPage } from '@sallyport/app-gateway/ledger/pack-pages.ts';
import type { LedgerKeys } from '@sallyport/app-gateway/ledger/verify/pack-format.ts';
import type { LedgerEntry } from '@sallyport/app-gateway/ports/ledger-store.ts';
import type { NamedSeal } from '@sallyport/shared/audit/earlier-run.ts';
import { rawPublicKey } from '@sallyport/shared/audit/raw-key.ts';
import { type AuditRecord, encodeRecord } from '@sallyport/shared/audit/record.ts';
import { sealHash, sealRecord } from '@sallyport/shared/audit/seal.ts';
import type { AuditSource } from '@sallyport/shared/audit/source.ts';
import { TamperableLedger } from './tamperable-ledger.ts';

export const ORIGIN = 'sallyport/acme';
export const START_MS = Date.UTC(2026, 10, 21, 8, 0, 0);

/** One run of one program: numbers and seals its records as the real ones do. */
export class RecordingSource {
  readonly source: AuditSource;
  readonly #site: AuditedSite;
  readonly #key: KeyObject;
  #seq = 0;
  #unsealedFrom = 0;
  #unsealed: Buffer[] = [];
  #lastSeal: NamedSeal | undefined;
  /** Records that have not reached the ledger yet. */
  readonly held: Buffer[] = [];
  isHolding = false;

  constructor(site: AuditedSite, source: AuditSource, key: KeyObject) {
    this.source = source;
    this.#site = site;
    this.#key = key;
  }

  open(previous?: { epoch: bigint; seal?: NamedSeal }): this {
    const { node, worker, epoch } = this.source;
    return this.write('stream-opened', {
      node,
      worker,
      epoch,
      programVersion: '0.1.0',
      ...(previous !== undefined && { previousEpoch: previous.epoch }),
      ...(previous?.seal !== undefined && {
        previousSeal: previous.seal.hash,
        previousSealSeq: previous.seal.seq,
      }),
    });
  }

  write(type: AuditRecord['type'], fields: AuditRecord['fields']): this {
    const timeMs = this.#site.nowMs++;
    return this.#wrote(encodeRecord({ type, timeMs, seq: this.#seq++, fields }));
  }

  /** A record as a later version may write it: of a type that nobody knows now. */
  writeOfLaterVersion(type: number): this {
    const timeMs = this.#site.nowMs++;
    const record = encodeRecord({
      type: 'channel-closed',
      timeMs,
      seq: this.#seq++,
      fields: { peerNode: 'edge-1', code: 'stopped' },
    });
    record[3] = type;
    return this.#wrote(record);
  }

  seal(): this {
    const record = sealRecord(
      {
        timeMs: this.#site.nowMs++,
        seq: this.#seq,
        firstSeq: this.#unsealedFrom,
        lastSeq: this.#seq - 1,
        recordsHash: hash('sha256', Buffer.concat(this.#unsealed), 'buffer'),
        previousSeal: this.#lastSeal?.hash,
      },
      this.#key,
    );
    this.#lastSeal = { seq: this.#seq++, hash: sealHash(record) };
    this.#unsealedFrom = this.#seq;
    this.#unsealed = [];
    this.#deliver(Buffer.from(record));
    return this;
  }

  /** What was held back reaches the ledger now. */
  deliverHeld(): void {
    for (const record of this.held.splice(0)) this.#site.ledger.append(this.source, record);
    this.isHolding = false;
  }

  get lastSeal(): NamedSeal | undefined {
    return this.#lastSeal;
  }

  get nextSeq(): number {
    return this.#seq;
  }

  #wrote(record: Buffer): this {
    this.#unsealed.push(record);
    this.#deliver(record);
    return this;
  }

  #deliver(record: Buffer): void {
    if (this.isHolding) this.held.push(record);
    else this.#site.ledger.append(this.source, record);
  }
}

/** A site with two proxies and a gateway that writes an honest ledger, to be tampered with. */
export class AuditedSite {
  readonly ledger = new TamperableLedger();
  readonly keys = new Map<string, KeyObject>();
  nowMs = START_MS;
  #ledgerKey = generateKeyPairSync('ed25519').privateKey;

  constructor(nodes: readonly string[] = ['edge-1', 'edge-2', 'gateway-1']) {
    for (const node of nodes) this.keys.set(node, generateKeyPairSync('ed25519').privateKey);
  }

  source(node: string, worker: number, epoch: bigint): RecordingSource {
    const key = this.keys.get(node);
    if (key === undefined) throw new Error(`no node ${node}`);
    return new RecordingSource(this, { node, worker, epoch }, key);
  }

  get ledgerKey(): KeyObject {
    return this.#ledgerKey;
  }

  /** Signs; proxies are the witnesses, unless told otherwise. */
  checkpoint(witnesses: readonly string[] = ['edge-1', 'edge-2']): string {
    const keys = Object.fromEntries(
      witnesses.flatMap((node) => {
        const key = this.keys.get(node);
        return key === undefined ? [] : [[node, key]];
      }),
    );
    const stored = this.ledger.checkpoint(ORIGIN, this.#ledgerKey, keys, this.nowMs);
    return `${stored.note}${Object.values(stored.cosignatures).join('')}`;
  }

  /** The same site with these entries in a tree of their own, as whoever owns database and ledger key can make it. */
  rebuilt(entries: readonly LedgerEntry[], witnesses: readonly string[] = []): AuditedSite {
    const forged = new AuditedSite([]);
    for (const [node, key] of this.keys) forged.keys.set(node, key);
    forged.#ledgerKey = this.#ledgerKey;
    forged.nowMs = this.nowMs;
    for (const { source, record } of entries) forged.ledger.append(source, record);
    forged.checkpoint(witnesses);
    return forged;
  }

  /** What an auditor was given when the site was built. */
  get publicKeys(): LedgerKeys {
    const base64 = (key: KeyObject) => rawPublicKey(key).toString('base64');
    const witnesses = [...this.keys].map(([node, key]) => [node, base64(key)] as const);
    return {
      origin: ORIGIN,
      ledger: base64(this.#ledgerKey),
      witnesses: Object.fromEntries(witnesses),
    };
  }

  /** The file that an export writes. */
  async pack(range?: Partial<PackRange>, keys: LedgerKeys = this.publicKeys): Promise<Buffer> {
    const newest = Math.max(0, ...this.ledger.stored.map(({ size }) => size));
    const size = range?.size ?? newest;
    const known = range?.known === undefined ? {} : { known: range.known };
    const first = await firstPackPage(this.ledger, keys, {
      from: range?.from ?? 0,
      to: range?.to ?? size,
      size,
      ...known,
    });
    const pieces: Buffer[] = [];
    let page = first;
    for (;;) {
      if (!page.ok) throw new Error(page.error.code);
      pieces.push(page.value.bytes);
      const { next } = page.value;
      if (next === undefined) return Buffer.concat(pieces);
      page = await packPage(this.ledger, { ...next, ...known });
    }
  }
}

/** A message as a proxy admits it, and its answer. */
export function exchange(source: RecordingSource, number: number, partner = 'globex'): void {
  const requestSeq = source.nextSeq;
  source.write('message-admitted', {
    partner,
    connection: 1,
    source: '192.0.2.7',
    sourcePort: 40_000,
    destination: '198.51.100.1',
    destinationPort: 5061,
    method: 'MESSAGE',
    requestUri: 'sip:bob@acme.example',
    cseq: `${number} MESSAGE`,
    callId: `call-${number}@globex.example`,
    from: 'sip:alice@globex.example',
    fromTag: 'f1',
    to: 'sip:bob@acme.example',
    size: 512,
  });
  source.write('message-answered', { requestSeq, status: 200, toTag: 't1' });
}

/** A call that was turned away: its sender is of no domain of the partner. */
export function refuseSender(source: RecordingSource): void {
  source.write('message-refused', {
    partner: 'globex',
    code: 'domain-foreign',
    status: 403,
    method: 'INVITE',
    callId: 'call-7@globex.example',
    from: 'sip:mallory@globex.example',
    to: 'sip:bob@acme.example',
    source: '192.0.2.66',
  });
}

/** A day's work: two proxies and a gateway, sealed, signed and witnessed several times. */
export function busySite(exchanges = 200): { site: AuditedSite; sources: RecordingSource[] } {
  const site = new AuditedSite();
  const gateway = site.source('gateway-1', 0, 0x60n).open();
  gateway.write('ledger-opened', { origin: ORIGIN, treeSize: 0n });
  const proxies = [site.source('edge-1', 0, 0x11n).open(), site.source('edge-2', 0, 0x21n).open()];
  for (const { source } of proxies) gateway.write('channel-opened', { peerNode: source.node });
  gateway.seal();
  for (let number = 0; number < exchanges; number++) {
    exchange(proxies[number % 2] as RecordingSource, number);
    if (number % 20 === 19) for (const proxy of proxies) proxy.seal();
    if (number % 40 === 39) site.checkpoint();
  }
  for (const proxy of proxies) if (exchanges % 20 !== 0) proxy.seal();
  site.checkpoint();
  return { site, sources: [gateway, ...proxies] };
}

import {
  type CertificateIssuedMessage,
  decodeCertificateRequest,
  type RenewalRefusal,
} from '@sallyport/shared/channel/certificate-renewal.ts';
import type { Logger } from '@sallyport/shared/io/json-log.ts';
import { TokenBucket } from '@sallyport/shared/net/token-bucket.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import {
  type CertificationRequest,
  parseCertificationRequest,
} from '@sallyport/shared/x509/certification-request.ts';
import {
  type ChannelIdentity,
  formatChannelIdentity,
} from '@sallyport/shared/x509/channel-identity.ts';
import { LimitedLog } from '../adapters/channel/limited-log.ts';
import type { Site } from '../config/site.ts';
import type { Actor } from '../domain/exchange/actor.ts';
import type { NodeRecord } from '../domain/exchange/node/node-record.ts';
import { noteCertificateIssued } from '../domain/exchange/node/note-certificate-issued.ts';
import { entryOf, siteNode } from '../domain/exchange/node/site-node.ts';
import type { ChannelAuthority, IssuedCertificate } from '../ports/channel-authority.ts';
import type { StateStore } from '../ports/state-store.ts';

export interface CertificateDeskOptions {
  /** Name of this gateway: who writes the record. */
  readonly node: string;
  readonly site: () => Site;
  readonly authority: ChannelAuthority | undefined;
  /** Where certificates are put on record; without it the log is the record. */
  readonly store: StateStore | undefined;
  /** Overrides the days of the site. */
  readonly lifeMs: number | undefined;
  readonly nowMs: () => number;
  readonly log: Logger;
}

const DAY_MS = 86_400_000;
const TRIES_MAX = 4;
/** Each host renews every few days, so that more than this at once is out of order. */
const PENDING_MAX = 64;
/** The same of one host, so that it leaves room for the others. */
const PENDING_OF_NODE_MAX = 4;
/** A host asks for a few in a week: each request costs signatures and a look into the database, whatever comes of it. */
const ASKED_AT_ONCE = 64;
const ASKED_AGAIN_MS = 3_600_000;
/** Lines about one host. */
const REFUSALS = { linesPerSecond: 1, linesAtOnce: 20 };

/**
 * Issues channel certificates to the hosts of the site: each for its own name and role, by its live channel.
 *
 * What a request says it is counts only if the channel on which it came has proven it already. A certificate is on
 * record before it is handed out.
 */
export class CertificateDesk {
  readonly #options: CertificateDeskOptions;
  readonly #refusals: LimitedLog;
  /** Nodes whose requests are under way, one entry for each request. */
  #pending: readonly string[] = [];
  /** By node: certificates prove them, so there are no more than the site has. */
  readonly #asked = new Map<string, TokenBucket>();

  constructor(options: CertificateDeskOptions) {
    this.#options = options;
    this.#refusals = new LimitedLog(options.log, options.nowMs, REFUSALS);
  }

  /** Answers the request that came in a frame of this peer's channel. */
  async answer(peer: ChannelIdentity, payload: Buffer): Promise<CertificateIssuedMessage> {
    const { node, role, site } = peer;
    const issued = await this.#issueTo({ site, role, node }, payload);
    if (issued.ok) return { chain: issued.value.chainPem };
    const reason = issued.error;
    this.#refusals.write('warn', node, 'channel-certificate-refused', { of: node, role, reason });
    return { refusal: issued.error };
  }

  /** Issues to a node of the site whose key has been checked, and puts it on record first. */
  async issue(
    identity: ChannelIdentity,
    spki: Buffer,
  ): Promise<Result<IssuedCertificate, RenewalRefusal>> {
    const { authority, nowMs, lifeMs, log } = this.#options;
    const site = this.#options.site();
    const entry = entryOf(site, identity.node);
    if (entry?.role !== identity.role) return err('node-unknown');
    if (site.revokedNodes.includes(identity.node)) return err('node-revoked');
    if (authority === undefined) return err('no-authority');
    const life = lifeMs ?? site.channel.certificateDays * DAY_MS;
    const issued = await authority.issue(identity, entry.hosts, spki, nowMs(), life);
    const recorded = await this.#record(identity.node, issued);
    if (!recorded.ok) return recorded;
    const { serial, notAfterMs } = issued;
    const ends = new Date(notAfterMs).toISOString();
    log.info('channel-certificate-issued', {
      to: identity.node,
      role: identity.role,
      serial,
      ends,
    });
    return ok(issued);
  }

  async #issueTo(
    peer: ChannelIdentity,
    payload: Buffer,
  ): Promise<Result<IssuedCertificate, RenewalRefusal>> {
    if (!this.#mayAsk(peer.node)) return err('too-many');
    const request = readRequest(payload);
    if (!request.ok) return request;
    const [uri, ...others] = request.value.uris;
    if (uri !== formatChannelIdentity(peer) || others.length > 0) return err('request-name-other');
    const { node } = peer;
    const isFull = this.#pending.filter((one) => one === node).length >= PENDING_OF_NODE_MAX;
    if (isFull || this.#pending.length >= PENDING_MAX) return err('too-many');
    this.#pending = [...this.#pending, node];
    try {
      return await this.issue(peer, request.value.spki);
    } finally {
      this.#pending = this.#pending.toSpliced(this.#pending.indexOf(node), 1);
    }
  }

  #mayAsk(node: string): boolean {
    const nowMs = this.#options.nowMs();
    const perSecond = (ASKED_AT_ONCE * 1000) / ASKED_AGAIN_MS;
    const bucket = this.#asked.get(node) ?? new TokenBucket(perSecond, ASKED_AT_ONCE, nowMs);
    this.#asked.set(node, bucket);
    return bucket.take(nowMs);
  }

  async #record(
    node: string,
    { serial, notAfterMs }: IssuedCertificate,
  ): Promise<Result<undefined, RenewalRefusal>> {
    const { store, nowMs, site } = this.#options;
    if (store === undefined) return ok(undefined);
    for (let tried = 1; tried <= TRIES_MAX; tried++) {
      const state = await store.load();
      if (!state.ok) return err('not-recorded');
      const record = siteNode(state.value.nodes, site(), node);
      if (record === undefined) return err('node-unknown');
      const noted = noteCertificateIssued(record, { serial, notAfterMs }, this.#actor(), nowMs());
      if (!noted.ok) return err(refusalOf(noted.error.code, record));
      const change = { nodes: [noted.value.record], events: noted.value.events };
      const done = await store.commit(state.value.revision, change, nowMs());
      if (done.ok) return ok(undefined);
      if (done.error.code !== 'conflict') return err('not-recorded');
    }
    return err('not-recorded');
  }

  #actor(): Actor {
    const { node } = this.#options;
    return { author: { kind: 'program', node }, name: node, role: 'program' };
  }
}

function readRequest(payload: Buffer): Result<CertificationRequest, RenewalRefusal> {
  const message = decodeCertificateRequest(payload, 0, payload.length);
  if (!message.ok) return err('request-malformed');
  return parseCertificationRequest(Buffer.from(message.value.request, 'base64'));
}

function refusalOf(code: string, { state }: NodeRecord): RenewalRefusal {
  if (state === 'revoked') return 'node-revoked';
  return code === 'certificates-max' ? 'too-many' : 'not-recorded';
}

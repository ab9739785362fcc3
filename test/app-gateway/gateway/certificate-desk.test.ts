import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { IssuingAuthority } from '@sallyport/app-gateway/commands/issuing-authority.ts';
import type { Site } from '@sallyport/app-gateway/config/site.ts';
import type { NodeRecord } from '@sallyport/app-gateway/domain/exchange/node/node-record.ts';
import { CertificateDesk } from '@sallyport/app-gateway/gateway/certificate-desk.ts';
import type {
  State,
  StateChange,
  StateStore,
  StoreFailure,
} from '@sallyport/app-gateway/ports/state-store.ts';
import { createIssuingAuthority, createSiteRoot } from '@sallyport/certs/site-root.ts';
import type { CertificateIssuedMessage } from '@sallyport/shared/channel/certificate-renewal.ts';
import { err, ok } from '@sallyport/shared/result.ts';
import { parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { encodeCertificationRequest } from '@sallyport/shared/x509/certification-request.ts';
import { type ChannelIdentity, channelIdentity } from '@sallyport/shared/x509/channel-identity.ts';
import { decodePem } from '@sallyport/shared/x509/pem.ts';
import { loadSite, NOW_MS, SITE_YAML, siteTexts } from '../site-fixture.ts';

const KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const P384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
const { root } = await createSiteRoot('acme', 'passphrase', NOW_MS);
const issuing = await createIssuingAuthority(root, 'acme', NOW_MS);
const loaded = loadSite(SITE_YAML, [], await siteTexts());
assert.ok(loaded.ok);
const SITE: Site = loaded.value;
const EDGE: ChannelIdentity = { site: 'acme', role: 'proxy', node: 'edge-1' };
const URN = 'urn:sallyport:acme:proxy:edge-1';

/** A store with one state; a commit takes the next failure of the list, if there is one. */
class OneState {
  nodes: readonly NodeRecord[] = [];
  readonly changes: StateChange[] = [];
  failures: StoreFailure['code'][] = [];

  get store(): StateStore {
    const state = (): State => ({
      revision: this.changes.length,
      partners: [],
      identities: [],
      operators: [],
      nodes: this.nodes,
    });
    return {
      load: async () => ok(state()),
      commit: async (_revision: number, change: StateChange) => {
        const failure = this.failures.shift();
        if (failure === 'conflict') return err({ code: 'conflict' });
        if (failure !== undefined) return err({ code: 'unavailable', reason: 'gone' });
        this.changes.push(change);
        return ok(this.changes.length);
      },
    } as unknown as StateStore;
  }
}

interface Scene {
  readonly site?: Partial<Site>;
  readonly state?: OneState;
  readonly hasAuthority?: boolean;
}

function deskOf({ site, state, hasAuthority = true }: Scene = {}) {
  const lines: string[] = [];
  const note = (event: string, fields: object = {}) => {
    const { of: from = '', to = '', reason = '' } = fields as Record<string, string>;
    lines.push([event, from, to, reason].filter((word) => word !== '').join(' '));
  };
  const desk = new CertificateDesk({
    node: 'gateway-1',
    site: () => ({ ...SITE, ...site }),
    authority: hasAuthority ? new IssuingAuthority(issuing) : undefined,
    store: state?.store,
    lifeMs: undefined,
    nowMs: () => NOW_MS,
    log: { info: note, warn: note, error: note },
  });
  return { desk, lines };
}

function frame(uri = URN, key = KEY): Buffer {
  const request = encodeCertificationRequest(key, 'edge-1 proxy of acme', uri);
  return Buffer.from(JSON.stringify({ request: request.toString('base64') }));
}

function leafIn({ chain = '' }: CertificateIssuedMessage) {
  const [der = Buffer.alloc(0)] = decodePem(chain, 'CERTIFICATE');
  const leaf = parseCertificate(der);
  assert.ok(leaf.ok);
  return leaf.value;
}

function revoked(): OneState {
  const state = new OneState();
  const reason = 'stolen';
  state.nodes = [
    { node: 'edge-1', role: 'proxy', state: 'revoked', hosts: [], certificates: [], reason },
  ];
  return state;
}

function failing(...failures: StoreFailure['code'][]): OneState {
  const state = new OneState();
  state.failures = failures;
  return state;
}

const elsewhere: ChannelIdentity = { ...EDGE, node: 'edge-9' };
const removed = { proxies: [] };

//  what asks                                peer       frame                                         scene                               answer
const table: readonly (readonly [string, ChannelIdentity, Buffer, Scene, string])[] = [
  ['a proxy for itself', EDGE, frame(), {}, 'issued'],
  [
    'a proxy for another node',
    EDGE,
    frame('urn:sallyport:acme:proxy:edge-2'),
    {},
    'request-name-other',
  ],
  [
    'a proxy for a gateway',
    EDGE,
    frame('urn:sallyport:acme:gateway:edge-1'),
    {},
    'request-name-other',
  ],
  [
    'a proxy for another site',
    EDGE,
    frame('urn:sallyport:other:proxy:edge-1'),
    {},
    'request-name-other',
  ],
  [
    'a proxy that site.yaml does not name',
    elsewhere,
    frame('urn:sallyport:acme:proxy:edge-9'),
    {},
    'node-unknown',
  ],
  ['a proxy that was taken out', EDGE, frame(), { site: removed }, 'node-unknown'],
  [
    'a gateway of a proxy’s name',
    { ...EDGE, role: 'gateway' },
    frame('urn:sallyport:acme:gateway:edge-1'),
    {},
    'node-unknown',
  ],
  [
    'a revoked proxy, by the file',
    EDGE,
    frame(),
    { site: { revokedNodes: ['edge-1'] } },
    'node-revoked',
  ],
  ['a revoked proxy, by the database', EDGE, frame(), { state: revoked() }, 'node-revoked'],
  ['rubbish', EDGE, Buffer.from('{"request":"AAAA"}'), {}, 'request-malformed'],
  ['no JSON', EDGE, Buffer.from([0xff]), {}, 'request-malformed'],
  ['a key of another kind', EDGE, frame(URN, P384), {}, 'request-key-refused'],
  ['without an authority', EDGE, frame(), { hasAuthority: false }, 'no-authority'],
  ['without a record', EDGE, frame(), { state: failing('unavailable') }, 'not-recorded'],
  [
    'against others three times',
    EDGE,
    frame(),
    { state: failing('conflict', 'conflict', 'conflict') },
    'issued',
  ],
  [
    'against others each time',
    EDGE,
    frame(),
    { state: failing('conflict', 'conflict', 'conflict', 'conflict') },
    'not-recorded',
  ],
];

describe('the certificate desk', () => {
  for (const [what, peer, payload, scene, expected] of table) {
    it(`${what}: ${expected}`, async () => {
      const { desk, lines } = deskOf(scene);
      const answer = await desk.answer(peer, payload);
      assert.equal(answer.chain === undefined ? answer.refusal : 'issued', expected);
      const line =
        expected === 'issued'
          ? 'channel-certificate-issued edge-1'
          : `channel-certificate-refused ${peer.node} ${expected}`;
      assert.deepEqual(lines, [line]);
    });
  }

  it('issues for the key in the request, to the node of the channel, for the days of the site', async () => {
    const { desk } = deskOf();
    const leaf = leafIn(await desk.answer(EDGE, frame()));
    assert.deepEqual(leaf.spki, createPublicKey(KEY).export({ type: 'spki', format: 'der' }));
    assert.deepEqual(channelIdentity(leaf), EDGE);
    assert.deepEqual(
      [NOW_MS - leaf.notBeforeMs, leaf.notAfterMs - NOW_MS],
      [3_600_000, 7 * 86_400_000],
    );
  });

  it('has four requests of one host under way at most, and room for those of others', async () => {
    const { desk } = deskOf();
    const other: ChannelIdentity = { ...EDGE, node: 'edge-2' };
    const answers = await Promise.all([
      ...Array.from({ length: 5 }, () => desk.answer(EDGE, frame())),
      desk.answer(other, frame(URN.replace('edge-1', 'edge-2'))),
    ]);
    const refusals = answers.map(({ refusal }) => refusal);
    assert.deepEqual(refusals.slice(0, 5), [
      undefined,
      undefined,
      undefined,
      undefined,
      'too-many',
    ]);
    assert.notEqual(refusals[5], 'too-many');
    assert.equal((await desk.answer(EDGE, frame())).refusal, undefined);
  });

  it('answers as many requests of one host as it may need, whatever they ask, and others as ever', async () => {
    const { desk } = deskOf();
    for (let at = 0; at < 63; at++) await desk.answer(EDGE, Buffer.from('{}'));
    assert.notEqual((await desk.answer(EDGE, frame())).chain, undefined);
    assert.equal((await desk.answer(EDGE, frame())).refusal, 'too-many');
    const gateway: ChannelIdentity = { ...EDGE, role: 'gateway', node: 'gateway-1' };
    const own = frame('urn:sallyport:acme:gateway:gateway-1');
    assert.notEqual((await desk.answer(gateway, own)).chain, undefined);
  });

  it('puts the serial number on record before it hands the certificate out', async () => {
    const state = new OneState();
    const { desk } = deskOf({ state });
    const leaf = leafIn(await desk.answer(EDGE, frame()));
    const [change] = state.changes;
    const certificates = [{ serial: leaf.serialHex, notAfterMs: leaf.notAfterMs }];
    assert.deepEqual(change?.nodes?.[0]?.certificates, certificates);
    assert.deepEqual(change?.events[0].author, { kind: 'program', node: 'gateway-1' });
  });
});

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { nodeList } from '@sallyport/app-gateway/commands/node/node-list.ts';
import { formatSpoken } from '@sallyport/certs/fingerprint-words.ts';
import {
  encodeCertificationRequest,
  parseCertificationRequest,
} from '@sallyport/shared/x509/certification-request.ts';
import { encodePem } from '@sallyport/shared/x509/pem.ts';
import { CommandBench, sent } from '../command-bench.ts';

const KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const FILES = { kind: 'files' } as const;
const READER = { kind: 'program', node: 'gateway-1' } as const;

function requestOf(urn: string) {
  const der = encodeCertificationRequest(KEY, 'edge-1', urn);
  const parsed = parseCertificationRequest(der);
  assert.ok(parsed.ok);
  const file = sent('edge-1.csr', encodePem(der, 'CERTIFICATE REQUEST'));
  return { file, fingerprint: parsed.value.keyFingerprint };
}

describe('commands of the hosts of a site', () => {
  let bench: CommandBench;
  const { file, fingerprint } = requestOf('urn:sallyport:acme:proxy:edge-1');
  const approval = { request: file, node: 'edge-1', role: 'proxy', fingerprint };

  before(async () => {
    bench = await CommandBench.open();
    await bench.people('ann', 'bob');
  });
  after(() => bench.close());

  const far = requestOf('urn:sallyport:acme:proxy:edge-9').file;
  //  what is wrong                        parameters                                             refusal
  const table: readonly (readonly [string, object, string])[] = [
    ['a fingerprint of another key', { fingerprint: '0'.repeat(64) }, 'fingerprint-wrong'],
    ['half a fingerprint', { fingerprint: fingerprint.slice(0, 32) }, 'fingerprint-wrong'],
    ['another name than the request', { request: far }, 'request-name-other'],
    ['another role than the request', { role: 'gateway' }, 'request-name-other'],
    ['a host that is not in site.yaml', { request: far, node: 'edge-9' }, 'node-unknown'],
    ['no request', { request: sent('x.csr', 'x') }, 'request-malformed'],
  ];
  for (const [what, change, code] of table) {
    it(`refuse ${what}`, async () => {
      const refusal = await bench.refused(['node', 'approve'], { ...approval, ...change }, 'bob');
      assert.equal(refusal, code);
      assert.deepEqual(bench.issued, []);
    });
  }

  it('issue for the key whose fingerprint was read out, as digits or as words', async () => {
    const answer = await bench.done<{ serial: string }>(['node', 'approve'], approval, 'bob');
    assert.equal(answer.serial, '0a');
    const words = formatSpoken(fingerprint).join(' ');
    await bench.done(['node', 'approve'], { ...approval, fingerprint: words }, 'bob');
    assert.deepEqual(bench.issued, ['proxy edge-1 91', 'proxy edge-1 91']);
  });

  it('list every host of site.yaml', async () => {
    const { nodes } = await bench.done<{ nodes: { node: string; state: string }[] }>(
      ['node', 'list'],
      {},
    );
    assert.deepEqual(
      nodes.map(({ node, state }) => `${node} ${state}`),
      ['edge-1 approved', 'gateway-1 approved'],
    );
  });

  it('list as revoked whom site.yaml alone shuts out, and what to do about it', async () => {
    const inForce = { ...bench.context.site, revokedNodes: ['edge-1'] };
    const listed = await nodeList.run({ ...bench.context, site: inForce }, {}, READER);
    assert.ok(listed.ok);
    const states = listed.value.nodes.map(({ node, state }) => `${node} ${state}`);
    assert.deepEqual(states, ['edge-1 revoked by site.yaml', 'gateway-1 approved']);
    assert.match(nodeList.text(listed.value), /edge-1 +proxy +revoked by site.yaml/);
    assert.match(nodeList.text(listed.value), /next: sallyport node revoke edge-1 --reason TEXT/);
  });

  it('advise no command that a site of files alone would refuse', async () => {
    const inForce = { ...bench.context.site, revokedNodes: ['edge-1'], database: FILES };
    const listed = await nodeList.run({ ...bench.context, site: inForce }, {}, READER);
    assert.ok(listed.ok);
    assert.match(nodeList.text(listed.value), /next: a host that was lost: revokedNodes in every/);
  });

  it('revoke one, tell the proxies, and do not do it twice', async () => {
    const before = bench.applied.length;
    const lost = { node: 'gateway-1', reason: 'stolen' };
    await bench.done(['node', 'revoke'], lost, 'bob');
    assert.equal(bench.applied.length, before + 1);
    assert.equal(await bench.refused(['node', 'revoke'], lost, 'bob'), 'node-revoked');
    const unknown = { node: 'edge-9', reason: 'x' };
    assert.equal(await bench.refused(['node', 'revoke'], unknown, 'bob'), 'node-unknown');
    const state = await bench.context.store.load();
    assert.ok(state.ok);
    const record = state.value.nodes.find(({ node }) => node === 'gateway-1');
    assert.deepEqual([record?.state, record?.reason], ['revoked', 'stolen']);
  });
});

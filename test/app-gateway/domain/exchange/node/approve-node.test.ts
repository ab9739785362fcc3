import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { approveNode } from '@sallyport/app-gateway/domain/exchange/node/approve-node.ts';
import type { NodeRecord } from '@sallyport/app-gateway/domain/exchange/node/node-record.ts';
import { noteCertificateIssued } from '@sallyport/app-gateway/domain/exchange/node/note-certificate-issued.ts';
import { revokeNode } from '@sallyport/app-gateway/domain/exchange/node/revoke-node.ts';
import { ann, codeOf, done, NOW_MS, olga, program } from '../exchange-fixture.ts';

const request = {
  node: 'edge-2',
  role: 'proxy',
  hosts: ['10.0.1.6'],
  keyFingerprint: 'ab',
  certificateMs: 500,
} as const;
const fresh = done(approveNode([], request, ann, NOW_MS)).record;
const issue = (record: NodeRecord, serial: string, notAfterMs: number, nowMs = NOW_MS) =>
  noteCertificateIssued(record, { serial, notAfterMs }, program, nowMs);
const holder = done(issue(fresh, '01', NOW_MS + 1000)).record;
const lost = done(revokeNode(holder, 'stolen', ann, NOW_MS)).record;
/** Its certificate came with its bundle. */
const lostWithBundle = done(revokeNode(fresh, 'stolen', ann, NOW_MS)).record;

describe('a node is approved', () => {
  const rows = [
    ['a new one', [], request, NOW_MS, 'done'],
    ['with new hosts', [holder], { ...request, hosts: ['10.0.1.7'] }, NOW_MS, 'done'],
    ['in another role', [holder], { ...request, role: 'gateway' }, NOW_MS, 'node-role-other'],
    ['under an odd name', [], { ...request, node: 'Edge_2' }, NOW_MS, 'node-name-wrong'],
    ['while a revoked certificate lives', [lost], request, NOW_MS + 1000, 'node-certificates-live'],
    [
      'while one that came with its bundle may live',
      [lostWithBundle],
      request,
      NOW_MS + 500,
      'node-certificates-live',
    ],
    ['once that has ended', [lostWithBundle], request, NOW_MS + 501, 'done'],
    ['once it has ended', [lost], request, NOW_MS + 1001, 'done'],
  ] as const;
  for (const [what, nodes, wanted, nowMs, expected] of rows) {
    it(`${what}: ${expected}`, () => {
      assert.equal(codeOf(approveNode(nodes, wanted, ann, nowMs)), expected);
    });
  }

  it('by an officer where it is a gateway', () => {
    const gateway = { ...request, node: 'gateway-2', role: 'gateway' } as const;
    assert.equal(codeOf(approveNode([], gateway, ann, NOW_MS)), 'officer-needed');
    assert.equal(codeOf(approveNode([], gateway, program, NOW_MS)), 'officer-needed');
    assert.equal(codeOf(approveNode([], gateway, olga, NOW_MS)), 'done');
  });

  it('and keeps the certificates that it has', () => {
    const again = done(approveNode([holder], request, ann, NOW_MS)).record;
    assert.deepEqual(again.certificates, holder.certificates);
  });
});

describe('a node is revoked', () => {
  it('once, with a reason and the serial numbers that are shut out', () => {
    assert.equal(codeOf(revokeNode(holder, '', ann, NOW_MS)), 'reason-needed');
    const { events } = done(revokeNode(holder, 'stolen', ann, NOW_MS));
    assert.deepEqual(events[0].detail, { reason: 'stolen', serials: ['01'] });
    assert.equal(codeOf(revokeNode(lost, 'again', ann, NOW_MS)), 'node-revoked');
  });
});

describe('a channel certificate is issued', () => {
  it('not to a revoked node, not twice', () => {
    assert.equal(codeOf(issue(lost, '02', NOW_MS + 1)), 'node-revoked');
    assert.equal(codeOf(issue(holder, '01', NOW_MS + 1)), 'serial-known');
  });

  it('and those that have ended leave the record', () => {
    const later = done(issue(holder, '02', NOW_MS + 9000, NOW_MS + 1001)).record;
    assert.deepEqual(
      later.certificates.map(({ serial }) => serial),
      ['02'],
    );
  });

  it('64 at a time at most', () => {
    let record = fresh;
    for (let n = 0; n < 64; n++) record = done(issue(record, `0${n}`, NOW_MS + 1)).record;
    assert.equal(codeOf(issue(record, 'ff', NOW_MS + 1)), 'certificates-max');
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  formatLogProof,
  LOG_PROOF_BYTES_MAX,
  type LogProof,
  parseLogProof,
} from '@sallyport/shared/audit/log-proof.ts';

const HASH = Buffer.alloc(32, 0xab);
const CHECKPOINT = 'sallyport/acme\n8\nAAAA\n\n\u2014 sallyport/acme AAAA\n';
const PROOF: LogProof = {
  index: 5,
  record: Buffer.from('record'),
  path: [HASH, Buffer.alloc(32, 1), Buffer.alloc(32, 2)],
  checkpoint: CHECKPOINT,
};
const TEXT = formatLogProof(PROOF);
const [TITLE, EXTRA, INDEX] = TEXT.split('\n');

describe('the proof of one record as a text', () => {
  it('is that of C2SP tlog-proof', () => {
    assert.equal(
      formatLogProof({ ...PROOF, path: [HASH] }),
      `c2sp.org/tlog-proof@v1\nextra cmVjb3Jk\nindex 5\n${HASH.toString('base64')}\n\n${CHECKPOINT}`,
    );
  });

  const alike: readonly (readonly [string, Partial<LogProof>])[] = [
    ['as it is', {}],
    ['of the first record', { index: 0 }],
    ['of the only record', { index: 0, path: [] }],
    ['with the longest path', { path: Array.from({ length: 64 }, () => HASH) }],
    ['with the largest index', { index: Number.MAX_SAFE_INTEGER }],
  ];
  for (const [name, change] of alike) {
    it(`is read as it was written: ${name}`, () => {
      const proof = { ...PROOF, ...change };
      assert.deepEqual(parseLogProof(formatLogProof(proof)), proof);
    });
  }

  const foreign: readonly (readonly [string, string])[] = [
    ['nothing', ''],
    ['no checkpoint', TEXT.split('\n\n')[0] ?? ''],
    ['another version', TEXT.replace('@v1', '@v2')],
    ['a path that is too long', formatLogProof({ ...PROOF, path: new Array(65).fill(HASH) })],
    ['a short hash', formatLogProof({ ...PROOF, path: [Buffer.alloc(31)] })],
    ['a long hash', formatLogProof({ ...PROOF, path: [Buffer.alloc(33)] })],
    ['an empty record', formatLogProof({ ...PROOF, record: Buffer.alloc(0) })],
    ['no record', TEXT.replace(`${EXTRA}\n`, '')],
    ['no index', TEXT.replace(`${INDEX}\n`, '')],
    ['an index with a zero in front', TEXT.replace('index 5', 'index 05')],
    ['an index below zero', TEXT.replace('index 5', 'index -1')],
    ['an index too large', TEXT.replace('index 5', 'index 9007199254740992')],
    ['another spelling of base64', TEXT.replace('cmVjb3Jk', 'cmVjb3J=')],
    ['line breaks of another kind', TEXT.replaceAll('\n', '\r\n')],
    ['a line between', TEXT.replace(`${TITLE}\n`, `${TITLE}\nmore\n`)],
  ];
  for (const [name, text] of foreign) {
    it(`is not ${name}`, () => assert.equal(parseLogProof(text), undefined));
  }

  it('has a limit', () => {
    const room = LOG_PROOF_BYTES_MAX - TEXT.length;
    assert.ok(parseLogProof(`${TEXT}${'x'.repeat(room)}`) !== undefined);
    assert.equal(parseLogProof(`${TEXT}${'x'.repeat(room + 1)}`), undefined);
  });
});

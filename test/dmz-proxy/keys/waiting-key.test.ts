import assert from 'node:assert/strict';
import {
  chownSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { describe, it, type TestContext } from 'node:test';
import {
  completeBundle,
  readWaitingKey,
  WAITING_KEY,
  waitingKey,
} from '@sallyport/dmz-proxy/keys/waiting-key.ts';

const isRoot = process.getuid?.() === 0;
/** Nobody’s, on any machine where tests run. */
const GID = 54_321;

function bundle(t: TestContext): (name?: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'waiting-key-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'proxy.json'), '{}');
  return (name = '') => join(folder, name);
}

function facts(path: string): string {
  const { uid, gid, mode } = statSync(path);
  return `${uid}:${gid} ${(mode & 0o777).toString(8)}`;
}

describe('a key that waits for its certificate', () => {
  it('is made once, for its owner alone, and never overwritten', (t) => {
    const at = bundle(t);
    assert.equal(readWaitingKey(at()), undefined);
    const key = waitingKey(at());
    assert.match(key, /^-----BEGIN PRIVATE KEY-----\n/);
    assert.equal(statSync(at(WAITING_KEY)).mode & 0o777, 0o600);
    assert.equal(waitingKey(at()), key);
    assert.equal(readWaitingKey(at()), key);
  });

  it('takes its place beside the certificate, over a pair of before', (t) => {
    const at = bundle(t);
    for (const name of ['channel.key', 'channel.crt']) writeFileSync(at(name), 'old');
    const key = waitingKey(at());
    completeBundle(at(), 'new');
    assert.equal(readFileSync(at('channel.crt'), 'utf8'), 'new');
    assert.equal(readFileSync(at('channel.key'), 'utf8'), key);
    assert.equal(existsSync(at(WAITING_KEY)), false);
    assert.equal(statSync(at('channel.key')).mode & 0o077, 0);
  });

  it('is no link to what is not in the bundle', (t) => {
    const at = bundle(t);
    writeFileSync(at('elsewhere'), 'secret');
    symlinkSync(at('elsewhere'), at(WAITING_KEY));
    for (const read of [readWaitingKey, waitingKey]) {
      assert.throws(() => read(at()), { code: 'ELOOP' });
    }
  });

  it('put by root in its place gives away nothing that its bundle links to', {
    skip: isRoot ? false : 'needs root',
  }, (t) => {
    const at = bundle(t);
    chownSync(at('proxy.json'), GID, GID);
    writeFileSync(at('elsewhere'), 'root’s');
    const before = facts(at('elsewhere'));
    // As if whoever owns the folder had put it there after it was read.
    symlinkSync(at('elsewhere'), at(WAITING_KEY));
    assert.throws(() => completeBundle(at(), 'certificate'), { code: 'ELOOP' });
    assert.equal(facts(at('elsewhere')), before);
    assert.equal(existsSync(at('channel.crt')), false);
  });

  for (const [what, uid, gid, expected] of [
    ['whose settings the service reads by its group', 0, GID, `0:${GID} 640`],
    ['that belongs to somebody', GID, GID, `${GID}:${GID} 600`],
    ['that is root’s alone', 0, 0, '0:0 600'],
  ] as const) {
    it(`written by root into a bundle ${what}: ${expected}`, {
      skip: isRoot ? false : 'needs root',
    }, (t) => {
      const at = bundle(t);
      chownSync(at('proxy.json'), uid, gid);
      waitingKey(at());
      completeBundle(at(), 'certificate');
      assert.equal(facts(at('channel.key')), expected);
      assert.equal(facts(at('channel.crt')), expected);
    });
  }
});

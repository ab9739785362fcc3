import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Bundle, readBundle } from '@sallyport/dmz-proxy/bundle/bundle.ts';
import { SnapshotKeeper } from '@sallyport/dmz-proxy/bundle/snapshot-keeper.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { type ProxySite, proxySite } from '../../integration/support/proxy-site.ts';

describe('the keeper of snapshots', () => {
  let site: ProxySite;
  let bundle: Bundle;
  const applied: number[] = [];
  let outcome: Result<undefined, readonly string[]> = ok(undefined);
  const keeper = () =>
    new SnapshotKeeper(bundle, 0, ({ version }) => {
      if (outcome.ok) applied.push(version);
      return outcome;
    });
  const signed = (version: number) => site.sign({ ...site.snapshot, version });
  before(async () => {
    site = await proxySite();
    const read = readBundle(site.folder);
    assert.ok(read.ok);
    bundle = read.value;
  });
  after(() => site.remove());

  it('applies what is newer, once, and remembers the version on disk', () => {
    const fresh = keeper();
    assert.deepEqual(fresh.offer(signed(5)), { version: 5, accepted: true });
    assert.deepEqual(fresh.offer(signed(5)), { version: 5, accepted: true });
    assert.deepEqual(fresh.offer(signed(6)), { version: 6, accepted: true });
    assert.deepEqual(applied, [5, 6]);
    assert.match(readFileSync(join(site.folder, 'spool/snapshot-version'), 'latin1'), /^6 /);
  });

  it('after a restart applies the same again and refuses an older one', () => {
    const restarted = keeper();
    assert.equal(restarted.offer(signed(5)).reason, 'snapshot-older');
    assert.equal(restarted.offer(signed(6)).accepted, true);
    assert.deepEqual(applied, [5, 6, 6]);
  });

  it('refuses one that another worker has seen overtaken', () => {
    const slow = keeper();
    assert.equal(keeper().offer(signed(8)).accepted, true);
    assert.equal(slow.offer(signed(7)).reason, 'snapshot-older');
  });

  it('refuses any byte changed', () => {
    const payload = signed(9);
    payload[payload.length - 5] = (payload[payload.length - 5] as number) ^ 1;
    assert.equal(keeper().offer(payload).reason, 'snapshot-unsigned');
  });

  it('says why a good one could not be put to use', () => {
    outcome = err(['identity acme: certificate and key cannot be used']);
    const result = keeper().offer(signed(9));
    assert.equal(result.accepted, false);
    assert.match(result.reason ?? '', /identity acme/);
    outcome = ok(undefined);
  });

  it('accepts nothing when it cannot read or write its mark', () => {
    const spool = join(site.folder, 'spool');
    writeFileSync(join(spool, 'snapshot-version'), 'garbage');
    assert.equal(keeper().offer(signed(20)).reason, 'spool-unreadable');
    rmSync(spool, { recursive: true });
    assert.equal(keeper().offer(signed(20)).reason, 'spool-not-writable');
    mkdirSync(spool);
    chmodSync(spool, 0o700);
    assert.equal(keeper().offer(signed(20)).accepted, true);
  });
});

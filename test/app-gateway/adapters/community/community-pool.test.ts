import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CommunityConnection } from '@sallyport/app-gateway/adapters/community/community-connection.ts';
import { CommunityPool } from '@sallyport/app-gateway/adapters/community/community-pool.ts';
import type { HostLink } from '@sallyport/app-gateway/adapters/community/host-link.ts';

describe('the choice among hosts', () => {
  /** Links that are up without a connection. */
  function poolOf(...hosts: string[]): { pool: CommunityPool; links: Map<string, FakeHost> } {
    const pool = new CommunityPool({ request() {}, response() {}, linkLost() {} });
    const links = new Map(hosts.map((host) => [host, new FakeHost(host)]));
    pool.replaceLinks([...links.values()] as unknown as HostLink[]);
    return { pool, links };
  }

  class FakeHost {
    readonly key: string;
    readonly keys: readonly string[];
    readonly community = 'staff';
    readonly connection: CommunityConnection | undefined = undefined;
    isUp = true;
    isReturning = false;
    constructor(host: string) {
      this.key = `staff/${host}`;
      this.keys = [this.key];
    }
    start(): void {}
    stop(): void {}
    matches(hostPort: string): boolean {
      return this.key === `staff/${hostPort}`;
    }
  }

  it('spreads calls, keeps each to its host, and names the others for fail-over', () => {
    const { pool } = poolOf('a:1', 'b:1', 'c:1');
    const firsts = new Map<string, number>();
    for (let call = 0; call < 300; call++) {
      const hosts = pool.hosts('staff', undefined, `call-${call}`);
      assert.equal(new Set(hosts).size, 3);
      assert.deepEqual(pool.hosts('staff', undefined, `call-${call}`), hosts);
      firsts.set(hosts[0] ?? '', (firsts.get(hosts[0] ?? '') ?? 0) + 1);
    }
    for (const [host, calls] of firsts) assert.ok(calls > 60, `${host} ${calls}`);
    assert.equal(firsts.size, 3);
  });

  it('moves only the calls of a host that is down', () => {
    const { pool, links } = poolOf('a:1', 'b:1', 'c:1');
    const calls = Array.from({ length: 100 }, (_, call) => `call-${call}`);
    const before = calls.map((call) => pool.hosts('staff', undefined, call)[0]);
    (links.get('b:1') as FakeHost).isUp = false;
    const after = calls.map((call) => pool.hosts('staff', undefined, call)[0]);
    for (const [at, host] of before.entries()) {
      if (host === 'staff/b:1') assert.notEqual(after[at], host);
      else assert.equal(after[at], host);
    }
  });

  it('falls on one that may come back, where none is up', () => {
    const { pool, links } = poolOf('a:1', 'b:1');
    for (const link of links.values()) link.isUp = false;
    const [a, b] = [links.get('a:1') as FakeHost, links.get('b:1') as FakeHost];
    assert.deepEqual(pool.hosts('staff', undefined, 'c'), []);
    b.isReturning = true;
    assert.deepEqual(pool.hosts('staff', undefined, 'c'), ['staff/b:1']);
    a.isUp = true;
    assert.deepEqual(pool.hosts('staff', undefined, 'c'), ['staff/a:1']);
  });

  it('has all that may come back, as if they were up, where none is up', () => {
    const { pool, links } = poolOf('a:1', 'b:1', 'c:1');
    const whileUp = pool.hosts('staff', 'c:1', 'x');
    for (const link of links.values()) {
      link.isUp = false;
      link.isReturning = true;
    }
    assert.deepEqual(pool.hosts('staff', 'c:1', 'x'), whileUp);
  });

  it('prefers the host that the dialog names', () => {
    const { pool } = poolOf('a:1', 'b:1', 'c:1');
    for (const host of ['a:1', 'b:1', 'c:1']) {
      for (const call of ['x', 'y', 'z']) {
        assert.equal(pool.hosts('staff', host, call)[0], `staff/${host}`);
      }
    }
    assert.equal(pool.hosts('staff', 'elsewhere:1', 'x').length, 3);
  });
});

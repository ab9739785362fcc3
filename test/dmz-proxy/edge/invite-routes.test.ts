import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InviteRoutes, inviteKey } from '@sallyport/dmz-proxy/edge/invite-routes.ts';

describe('the way of INVITEs', () => {
  it('is known while they wait, and for 32 to 64 s after their answer', () => {
    const routes = new InviteRoutes<string>(0, [1, 2]);
    routes.begin('a', 'gateway-1');
    routes.sweep(200_000);
    assert.equal(routes.find('a'), 'gateway-1');
    routes.settle('a', 200_000);
    routes.sweep(231_999);
    assert.equal(routes.find('a'), 'gateway-1');
    routes.sweep(232_000);
    assert.equal(routes.find('a'), 'gateway-1');
    routes.sweep(263_999);
    assert.equal(routes.find('a'), 'gateway-1');
    routes.sweep(264_000);
    assert.equal(routes.find('a'), undefined);
    assert.equal(routes.size, 0);
  });

  it('is known by connection and branch, in few characters however long that is', () => {
    const branches = [1, 60, 128, 129, 8000].map((length) =>
      `z9hG4bK${length}`.padEnd(length, 'x'),
    );
    const keys = branches.flatMap((branch) => [inviteKey(1, branch), inviteKey(2, branch)]);
    keys.push(inviteKey(1, `${branches.at(-1)?.slice(1)}y`));
    assert.equal(new Set(keys).size, 11);
    assert.ok(keys.every(({ length }) => length <= 130));
    assert.equal(inviteKey(1, 'z9hG4bKa'), '1 z9hG4bKa');
  });

  it('of a key used again is the new one', () => {
    const routes = new InviteRoutes<string>(0, [1, 2]);
    routes.begin('a', 'gateway-1');
    routes.settle('a', 0);
    routes.begin('a', 'gateway-2');
    assert.equal(routes.find('a'), 'gateway-2');
  });

  it('of one that comes again while it waits is that of the first, which alone may begin it', () => {
    const routes = new InviteRoutes<string>(0, [1, 2]);
    assert.equal(routes.begin('a', 'gateway-1'), true);
    assert.equal(routes.begin('a', 'gateway-2'), false);
    assert.equal(routes.find('a'), 'gateway-1');
    routes.settle('a', 0);
    assert.equal(routes.begin('a', 'gateway-2'), true);
  });

  it('that was never there is none, answered or not', () => {
    const routes = new InviteRoutes<string>(0, [1, 2]);
    routes.settle('a', 0);
    assert.equal(routes.find('a'), undefined);
  });

  it('is remembered among 65,536 answered, and of no more than twice as many', () => {
    const routes = new InviteRoutes<string>(0, [1, 2]);
    for (let i = 0; i < 200_000; i++) {
      routes.begin(`${i}`, 'gateway-1');
      routes.settle(`${i}`, 0);
      assert.ok(routes.size <= 131_072);
    }
    assert.equal(routes.find(`${200_000 - 65_536}`), 'gateway-1');
    assert.equal(routes.find('0'), undefined);
  });
});

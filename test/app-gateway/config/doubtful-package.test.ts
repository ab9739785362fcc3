import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { partnerDoubts } from '@sallyport/app-gateway/config/check-policy.ts';
import { doubtOfPackage } from '@sallyport/app-gateway/config/doubtful-package.ts';
import { settings } from '../domain/exchange/exchange-fixture.ts';

describe('event packages that an operator should look at again', () => {
  for (const name of ['talk', 'Talk', 'hold', 'check-sync', 'ua-profile', 'reg', 'dialog']) {
    it(`${name}: a warning`, () => {
      assert.ok(doubtOfPackage(name)?.startsWith(`${name} `));
    });
  }
  for (const name of ['presence', 'refer', 'message-summary', 'presence.winfo', 'conference']) {
    it(`${name}: none`, () => assert.equal(doubtOfPackage(name), undefined));
  }

  it('each is named at its place', () => {
    const given = settings({
      methods: ['SUBSCRIBE', 'NOTIFY'],
      eventPackages: ['presence', 'dialog', 'talk'],
    });
    const doubts = partnerDoubts(given, { connectionsMax: 100, pendingRequestsMax: 1000 });
    assert.deepEqual(
      doubts.map(({ path }) => path),
      [
        ['eventPackages', 1],
        ['eventPackages', 2],
      ],
    );
  });
});

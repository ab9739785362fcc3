import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loginAt, stagedAt } from '@sallyport/app-gateway/plan/render/checklist-place.ts';

describe('where a checklist’s files lie on a host', () => {
  it('is named by its first address, of either family', () => {
    const rows = [
      [['192.0.2.11', '2001:db8::11'], 'root@192.0.2.11'],
      [['2001:db8::11'], 'root@[2001:db8::11]'],
    ] as const;
    for (const [addresses, login] of rows) {
      assert.equal(loginAt({ addresses }), login);
      assert.equal(stagedAt({ addresses }), `${login}:/srv/sallyport-setup/`);
      assert.equal(stagedAt({ addresses }, 'a.csr'), `${login}:/srv/sallyport-setup/a.csr`);
    }
  });
});

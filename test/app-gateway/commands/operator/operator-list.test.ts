import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { operatorList } from '@sallyport/app-gateway/commands/operator/operator-list.ts';

const operator = (name: string, role: 'officer' | 'operator' | 'auditor', isDisabled = false) => ({
  name,
  role,
  isDisabled,
  addedAtMs: 0,
  addedBy: 'gateway-1',
  publicKeyPem: '',
  keyFingerprint: 'ab'.repeat(32),
});

describe('the list of operators', () => {
  const text = (...operators: readonly ReturnType<typeof operator>[]) =>
    operatorList.text({ operators });

  it('asks for the first officer where there is nobody', () => {
    assert.match(text(), /^no operators yet\n.*operator add NAME --role officer/);
  });

  it('asks for a second officer while one alone could be lost', () => {
    const rows = [
      [operator('ann', 'officer'), operator('bob', 'operator')],
      [operator('ann', 'officer'), operator('eve', 'officer', true)],
    ];
    for (const operators of rows) assert.match(text(...operators), /next: one officer alone/);
  });

  it('says no more where there are two', () => {
    const shown = text(operator('ann', 'officer'), operator('eve', 'officer'));
    assert.doesNotMatch(shown, /next/);
  });
});

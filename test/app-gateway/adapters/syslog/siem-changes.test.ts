import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  changeActivity,
  isFailedChange,
} from '@sallyport/app-gateway/adapters/syslog/siem-changes.ts';

describe('what a change does to whom it is about', () => {
  //  command                     activity  failed
  const rows = [
    ['imported', 1, false],
    ['partner-added', 1, false],
    ['partner-removed', 4, false],
    ['partner-severed', 3, false],
    ['operator-added', 1, false],
    ['node-revoked', 4, false],
    ['trust-retired', 3, false],
    ['trust-seen', 99, false],
    ['expiry-warning', 99, false],
    ['trust-verification-failed', 99, true],
    ['reload', undefined, false],
    ['partner add', undefined, false],
    ['toString', undefined, false],
    ['', undefined, false],
  ] as const;
  for (const [command, activity, isFailed] of rows) {
    it(`"${command}" is ${activity ?? 'not known'}${isFailed ? ', and failed' : ''}`, () => {
      assert.equal(changeActivity(command), activity);
      assert.equal(isFailedChange(command), isFailed);
    });
  }
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { auditSchema } from '@sallyport/app-gateway/config/audit-schema.ts';

describe('audit in site.yaml', () => {
  it('is on, and refuses traffic rather than lose a record, where nothing is said', () => {
    assert.deepEqual(auditSchema.parse({}), {
      enabled: true,
      whenFull: 'refuse',
      retentionDays: 400,
      memoryBytesMax: 8_388_608,
      spoolBytesMax: 268_435_456,
      journalBytesMax: 8_589_934_592,
      proxyBytesPerSecond: 16_777_216,
      bodyHashes: false,
      bodies: { auditors: [], rules: [], bytesMax: 1_048_576 },
    });
  });

  const rows: readonly (readonly [object, boolean])[] = [
    [{ retentionDays: 1 }, true],
    [{ retentionDays: 0 }, false],
    [{ retentionDays: 36_500 }, true],
    [{ retentionDays: 36_501 }, false],
    [{ retentionDays: 1.5 }, false],
    [{ memoryBytesMax: 1_048_576 }, true],
    [{ memoryBytesMax: 1_048_575 }, false],
    [{ spoolBytesMax: 1_099_511_627_776 }, true],
    [{ spoolBytesMax: 1_099_511_627_777 }, false],
    [{ journalBytesMax: 268_435_455 }, false],
    [{ proxyBytesPerSecond: 1_048_576 }, true],
    [{ proxyBytesPerSecond: 1_048_575 }, false],
    [{ proxyBytesPerSecond: 1_073_741_825 }, false],
    [{ whenFull: 'gap' }, true],
    [{ whenFull: 'drop' }, false],
    [{ enabled: 'yes' }, false],
    [{ bodyHashes: true }, true],
    [{ bodyHashes: 'salted' }, false],
    [{ retention: 400 }, false],
  ];
  for (const [audit, isValid] of rows) {
    it(`${isValid ? 'takes' : 'refuses'} ${JSON.stringify(audit)}`, () => {
      assert.equal(auditSchema.safeParse(audit).success, isValid);
    });
  }
});

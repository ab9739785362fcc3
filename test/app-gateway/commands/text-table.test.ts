import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { counted, textTable } from '@sallyport/app-gateway/commands/text-table.ts';

describe('a table for a person', () => {
  it('aligns columns and ends no line with space', () => {
    const rows = [
      ['globex', 'open', ''],
      ['initech', 'no keys yet', 'x'],
    ];
    assert.deepEqual(textTable(['PARTNER', 'STATE', 'END'], rows).split('\n'), [
      'PARTNER  STATE        END',
      'globex   open',
      'initech  no keys yet  x',
    ]);
  });

  it('counts in words', () => {
    assert.deepEqual(
      [counted(0, 'set'), counted(1, 'set'), counted(2, 'set')],
      ['0 sets', '1 set', '2 sets'],
    );
  });
});

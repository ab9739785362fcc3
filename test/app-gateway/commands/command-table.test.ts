import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { COMMAND_TABLE } from '@sallyport/app-gateway/commands/command-table.ts';

describe('the table of commands', () => {
  for (const { description, load } of COMMAND_TABLE) {
    const { words, ...said } = description;
    it(`loads for ${words.join(' ')} what is described, and nothing else`, async () => {
      const { schema, run, opened, text, files, pages, isBad, ...rest } = await load();
      assert.deepEqual(rest, { words, ...said });
      assert.equal(typeof run, 'function');
    });

    it(`says of ${words.join(' ')} whether it answers with files, and sealed`, async () => {
      const { files, opened } = await load();
      assert.equal(description.answersWithFiles === true, files !== undefined);
      assert.equal(description.isSealed === true, opened !== undefined);
    });
  }

  it('has every command once', () => {
    const words = COMMAND_TABLE.map(({ description }) => description.words.join(' '));
    assert.deepEqual(words, [...new Set(words)]);
    assert.ok(words.length > 40);
  });
});

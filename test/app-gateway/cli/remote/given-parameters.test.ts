import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  FILE_BYTES_MAX,
  type GivenOptions,
  givenParameters,
} from '@sallyport/app-gateway/cli/remote/given-parameters.ts';
import type { AnyCommand, CommandParameter } from '@sallyport/app-gateway/commands/command.ts';
import { surroundingsOf } from '../test-surroundings.ts';

const KINDS = ['text', 'number', 'flag', 'list', 'file', 'files', 'secret'] as const;
const COMMAND = {
  parameters: KINDS.map((kind): CommandParameter => ({ name: kind, description: kind, kind })),
} as unknown as AnyCommand;
const FOLDER = {
  parameters: [{ name: 'folder', description: '', kind: 'folder' }],
} as unknown as AnyCommand;

describe('parameters out of the command line', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'given-'));
    mkdirSync(join(folder, 'below'));
    writeFileSync(join(folder, 'below/a.pem'), 'abc');
    writeFileSync(join(folder, 'pass'), 'hunter2\n');
    writeFileSync(join(folder, 'largest'), Buffer.alloc(FILE_BYTES_MAX));
    writeFileSync(join(folder, 'larger'), Buffer.alloc(FILE_BYTES_MAX + 1));
  });
  after(() => rmSync(folder, { recursive: true }));

  const given = async (options: GivenOptions, command = COMMAND) => {
    const done = await givenParameters(command, options, surroundingsOf(folder));
    return done.ok ? done.value : done.error.code;
  };

  it('are texts, numbers, flags, lists, files by content, and secrets from files', async () => {
    const options = {
      text: 'x',
      number: '1.5',
      flag: true,
      list: ['a'],
      file: 'below/a.pem',
      files: ['below/a.pem', 'pass'],
      secretFile: 'pass',
    };
    assert.deepEqual(await given(options), {
      text: 'x',
      number: 1.5,
      flag: true,
      list: ['a'],
      file: { name: 'a.pem', base64: 'YWJj' },
      files: [
        { name: 'a.pem', base64: 'YWJj' },
        { name: 'pass', base64: 'aHVudGVyMgo=' },
      ],
      secret: 'hunter2',
    });
    assert.deepEqual(await given({ socket: 'of another kind' }), {});
  });

  it('are refused when a number is none, or a file is absent or too large', async () => {
    assert.equal(await given({ number: 'many' }), 'parameters-wrong');
    assert.equal(await given({ number: '' }), 'parameters-wrong');
    assert.equal(await given({ file: 'absent' }), 'file-unreadable');
    assert.equal(await given({ file: 'larger' }), 'file-too-large');
    assert.equal(await given({ files: ['largest', 'larger'] }), 'file-too-large');
    assert.notEqual(await given({ file: 'largest' }), 'file-too-large');
  });

  it('that are too large are answered with what the command knows of it', async () => {
    const command = {
      parameters: [{ name: 'list', description: '', kind: 'files', ifTooLarge: 'have it fetched' }],
    } as unknown as AnyCommand;
    const [known, unknown] = await Promise.all([
      givenParameters(command, { list: ['larger'] }, surroundingsOf(folder)),
      givenParameters(COMMAND, { files: ['larger'] }, surroundingsOf(folder)),
    ]);
    assert.ok(!known.ok && !unknown.ok);
    assert.equal(known.error.next, 'have it fetched');
    assert.match(unknown.error.next, /much smaller/);
  });

  it('of a folder are the files of a site', async () => {
    assert.equal(await given({ folder: 'below' }, FOLDER), 'folder-wrong');
  });
});

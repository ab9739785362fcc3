import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { describe, it } from 'node:test';
import { controlFile, type DebianPackage, packDebian } from '@sallyport/deploy/debian-package.ts';
import { environment } from '../peers/support/environment.ts';

const SPEC: DebianPackage = {
  name: 'sallyport-example',
  version: '1.2.3',
  architecture: 'amd64',
  depends: ['libc6 (>= 2.28)', 'passwd'],
  summary: 'an example',
  description: [Array.from({ length: 30 }, (_, index) => `word${index}`).join(' '), 'Second.'],
  files: [
    { path: 'usr/lib/x/program', bytes: Buffer.alloc(1500, 'x'), isExecutable: true },
    { path: 'usr/share/doc/x/copyright', bytes: Buffer.from('c') },
  ],
  links: new Map([['usr/bin/program', '../lib/x/program']]),
  folders: ['etc/x'],
  scripts: new Map([['postinst', '#!/bin/sh\n']]),
};
const MADE_AT = new Date(1_700_000_000_000);
const skip =
  spawnSync('dpkg-deb', ['--version']).status === 0 ? false : 'dpkg-deb is not installed';

describe('the control file', () => {
  const fields = controlFile(SPEC).split(/\n(?! )/);

  it('has the fields that Debian demands', () => {
    for (const field of [
      'Package: sallyport-example',
      'Version: 1.2.3',
      'Architecture: amd64',
      'Depends: libc6 (>= 2.28), passwd',
      'Installed-Size: 2',
    ]) {
      assert.ok(fields.includes(field), field);
    }
  });

  it('wraps the description, each line indented, paragraphs parted by a full stop', () => {
    const [first, ...rest] = fields.find((one) => one.startsWith('Description'))?.split('\n') ?? [];
    assert.equal(first, 'Description: an example');
    assert.ok(rest.every((line) => line.startsWith(' ') && line.length <= 78));
    assert.deepEqual(rest.slice(-2), [' .', ' Second.']);
  });
});

describe('a Debian package', { skip }, () => {
  function packed(umask: number): { readonly hash: string; readonly listing: string } {
    const out = mkdtempSync(join(tmpdir(), 'packed-'));
    const before = process.umask(umask);
    try {
      const file = join(out, packDebian(SPEC, out, MADE_AT));
      const listing = execFileSync('dpkg-deb', ['--contents', file], {
        encoding: 'utf8',
        env: { ...environment, TZ: 'UTC' },
      });
      return { hash: createHash('sha256').update(readFileSync(file)).digest('hex'), listing };
    } finally {
      process.umask(before);
      rmSync(out, { recursive: true });
    }
  }

  it('holds its files as root’s, with their modes and its links', () => {
    const { listing } = packed(0o022);
    assert.match(listing, /-rwxr-xr-x root\/root +1500 2023-11-14 .*\.\/usr\/lib\/x\/program/);
    assert.match(listing, /-rw-r--r-- root\/root .*\.\/usr\/share\/doc\/x\/copyright/);
    assert.match(listing, /lrwxrwxrwx root\/root .*\.\/usr\/bin\/program -> \.\.\/lib\/x\/program/);
    assert.match(listing, /drwxr-xr-x root\/root .*\.\/etc\/x\//);
  });

  it('is the same byte for byte, whoever packs it', () => {
    assert.equal(packed(0o022).hash, packed(0o077).hash);
  });
});

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ROOT } from '../architecture/source-tree.ts';
import { needs } from './support/available.ts';

const { skip } = needs('systemd-analyze');
const UNITS = join(ROOT, 'deploy/systemd');

const LIMITS: readonly (readonly [unit: string, below: number])[] = [
  ['sallyport-dmz-proxy@.service', 1.5],
  ['sallyport-app-gateway@.service', 2.5],
];

describe('what systemd says of the units', { skip }, () => {
  for (const [unit, below] of LIMITS) {
    it(`${unit} is exposed less than ${below}`, () => {
      const found = exposure(readFileSync(join(UNITS, unit), 'utf8'));
      assert.ok(found < below, `${found}`);
    });

    it(`${unit} can fail that: without its filter of system calls it is more exposed`, () => {
      const text = readFileSync(join(UNITS, unit), 'utf8');
      const weak = text.replace(
        /^(SystemCallFilter|CapabilityBoundingSet|ProtectSystem)=.*$/gm,
        '',
      );
      assert.ok(exposure(weak) > exposure(text) + 1);
    });

    it(`${unit} has no line that systemd does not understand`, () => {
      const folder = mkdtempSync(join(tmpdir(), 'unit-'));
      try {
        // What it runs is not installed here.
        const text = readFileSync(join(UNITS, unit), 'utf8');
        const there = text.replace(/^(ExecStart|ExecStartPost)=\S+/gm, '$1=/bin/true');
        const path = join(folder, unit.replace('@', '@node'));
        writeFileSync(path, there.replace(/^Documentation=.*$/m, ''));
        const said = spawnSync('systemd-analyze', ['verify', '--man=no', path], {
          encoding: 'utf8',
        });
        assert.deepEqual([said.status, said.stderr], [0, '']);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }

  function exposure(text: string): number {
    const folder = mkdtempSync(join(tmpdir(), 'unit-'));
    try {
      cpSync(UNITS, folder, { recursive: true });
      const path = join(folder, 'checked@.service');
      writeFileSync(path, text);
      const said = execFileSync(
        'systemd-analyze',
        ['security', '--offline=yes', '--no-pager', path],
        {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
        },
      );
      return Number(/Overall exposure level .*: ([\d.]+)/.exec(said)?.[1]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
});

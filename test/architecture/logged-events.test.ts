import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ROOT, sourceFiles, withoutComments } from './source-tree.ts';

const SOURCES = ['app-gateway/src', 'dmz-proxy/src', 'shared/src']
  .flatMap(sourceFiles)
  .map(({ text }) => withoutComments(text));
const DOCS = ['docs/operations.md', 'docs/audit.md', 'docs/posture.md', 'docs/deploy/README.md']
  .map((path) => readFileSync(join(ROOT, path), 'utf8'))
  .join('\n');
const LOGGED = /\blog\.(?:info|warn|error)\(\s*'([a-z-]+)'/g;

/** First cells of the tables of events, in the section on the log. */
function tabledEvents(): readonly string[] {
  const section = /^## Log$([\s\S]*?)^## /m.exec(DOCS)?.[1] ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => [...(line.split(' | ')[0] ?? '').matchAll(/`([a-z][a-z-]+)`/g)])
    .flatMap(([, event]) => event ?? []);
}

describe('the events of the log', () => {
  it('that the programs write stand in the operators’ documentation', () => {
    const written = new Set(
      SOURCES.flatMap((text) => [...text.matchAll(LOGGED)].map(([, event]) => event)),
    );
    assert.ok(written.size > 50, `${written.size}`);
    assert.deepEqual(
      [...written].filter((event) => !DOCS.includes(`\`${event}\``)),
      [],
    );
  });

  it('that are documented are written by a program', () => {
    const all = SOURCES.join('\n');
    const tabled = tabledEvents();
    assert.ok(tabled.length > 50, `${tabled.length}`);
    assert.deepEqual(
      tabled.filter((event) => !all.includes(`'${event}'`)),
      [],
    );
  });
});

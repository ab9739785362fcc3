import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import {
  loadSite,
  PARTNER_YAML,
  problemsOf,
  SITE_YAML,
  siteTexts,
  type Texts,
} from '../site-fixture.ts';

/** One change to the right site, and what it must bring. */
export interface CheckRow {
  readonly name: string;
  /** Replaced in `site.yaml`: from, to. */
  readonly site?: readonly [from: string, to: string];
  /** Partner files instead of the usual one. */
  readonly partners?: readonly string[];
  readonly texts?: (texts: Texts) => Texts | Promise<Texts>;
  /** `severity file path: part of the message`, in order. */
  readonly problems: readonly string[];
}

/** Runs each row through the whole assembly, so that a check that nobody calls is noticed. */
export function checkTable(rows: readonly CheckRow[]): void {
  let texts: Texts;
  before(async () => {
    texts = await siteTexts();
  });
  for (const row of rows) {
    it(row.name, async () => {
      const [from, to] = row.site ?? ['', ''];
      assert.ok(SITE_YAML.includes(from));
      const loaded = loadSite(
        SITE_YAML.replace(from, to),
        row.partners ?? [PARTNER_YAML],
        (await row.texts?.(texts)) ?? texts,
      );
      const found = problemsOf(loaded).map(
        ({ severity, file, path, message }) => `${severity} ${file} ${path}: ${message}`,
      );
      assert.equal(found.length, row.problems.length, found.join('\n'));
      row.problems.forEach((problem, index) => {
        const [head = '', part = ''] = problem.split(/: (.*)/s);
        assert.ok(found[index]?.startsWith(`${head}: `), found[index] ?? 'nothing');
        assert.ok(found[index]?.includes(part), found[index] ?? 'nothing');
      });
      assert.equal(loaded.ok, !row.problems.some((problem) => problem.startsWith('error')));
    });
  }
}

import assert from 'node:assert/strict';
import {
  type Import,
  importDifference,
} from '@sallyport/app-gateway/adapters/files/import-difference.ts';
import type { ImportTools } from '@sallyport/app-gateway/adapters/files/record-difference.ts';
import type { KeySeal } from '@sallyport/app-gateway/commands/command-context.ts';
import { filesNamedBy, parseSite } from '@sallyport/app-gateway/config/parse-site.ts';
import type { SiteProblem } from '@sallyport/app-gateway/config/site-problem.ts';
import type { State } from '@sallyport/app-gateway/ports/state-store.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { NOW_MS, SITE_YAML, type Texts } from '../../site-fixture.ts';

export const EMPTY_STATE: State = {
  revision: 0,
  partners: [],
  identities: [],
  operators: [],
  nodes: [],
};

/** A seal that anybody can open, under the right label. */
export const FAKE_SEAL: KeySeal = {
  seal: (privateKeyPem, label) => JSON.stringify({ label, privateKeyPem }),
  open(sealed, label) {
    const content = JSON.parse(sealed) as { label: string; privateKeyPem: string };
    return content.label === label ? ok(content.privateKeyPem) : err('key-unreadable');
  },
};

export const TOOLS: ImportTools = {
  author: { kind: 'program', node: 'gateway-1' },
  nowMs: NOW_MS,
  seal: FAKE_SEAL.seal,
};

/** Imports files given by their path: `site.yaml` where it is another, partners' files, and what they name. */
export function importTexts(
  state: State,
  texts: Texts,
  tools = TOOLS,
): Result<Import, readonly SiteProblem[]> {
  const partners = [...texts]
    .filter(([file]) => /^partners\/[^/]+\.yaml$/.test(file))
    .map(([file, text]) => ({ file, text }));
  const site = { file: 'site.yaml', text: texts.get('site.yaml') ?? SITE_YAML };
  const { parsed, problems } = parseSite(site, partners);
  assert.deepEqual(problems, []);
  assert.ok(parsed);
  const named = new Map(
    filesNamedBy(parsed).map((file) => {
      const text = texts.get(file);
      return [file, text === undefined ? err('no such file') : ok(text)] as const;
    }),
  );
  return importDifference(state, { parsed, named }, tools);
}

/** The state after an import that must succeed. */
export function after(state: State, texts: Texts, tools = TOOLS): State {
  const done = importTexts(state, texts, tools);
  assert.ok(done.ok, JSON.stringify(done));
  const { change } = done.value;
  const partners = change?.partners ?? [];
  const identities = change?.identities ?? [];
  const gone = new Set([...(change?.removedPartners ?? []), ...partners.map(({ id }) => id)]);
  const replaced = new Set(identities.map(({ name }) => name));
  return {
    ...state,
    revision: state.revision + 1,
    partners: [...state.partners.filter(({ id }) => !gone.has(id)), ...partners],
    identities: [...state.identities.filter(({ name }) => !replaced.has(name)), ...identities],
  };
}

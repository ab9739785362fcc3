import { err, ok, type Result } from '@sallyport/shared/result.ts';
import type { z } from 'zod';
import { issueWords } from './issue-words.ts';
import {
  type PartnerFile,
  partnerFileOf,
  partnerOfSetsSchema,
  partnerSchema,
} from './partner-schema.ts';
import type { SettingPath, SiteProblem } from './site-problem.ts';
import { type SiteFile, siteSchema } from './site-schema.ts';
import { parseYamlFile, type YamlFile } from './yaml-file.ts';

/** The text of one file, named relative to the site's folder. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
}

/** A file that kept its schema, still able to say where a setting stands. */
export interface Parsed<T> {
  readonly source: YamlFile;
  readonly content: T;
}

/** The YAML files of a site, each right in itself; what they say together is not yet checked. */
export interface ParsedSite {
  readonly site: Parsed<SiteFile>;
  readonly partners: readonly Parsed<PartnerFile>[];
}

/** What came out of parsing: the site unless `site.yaml` itself is broken, and every problem so far. */
export interface SiteParsing {
  /** Without the partners whose files are broken: good for finding further problems, not for use. */
  readonly parsed: ParsedSite | undefined;
  readonly problems: readonly SiteProblem[];
}

/** Parses every YAML file and reports the problems of all of them at once. */
export function parseSite(site: SourceText, partners: readonly SourceText[]): SiteParsing {
  const parsedSite = parseWith(siteSchema, site);
  const parsedPartners = partners.map(parsePartner);
  return {
    parsed: parsedSite.ok
      ? {
          site: parsedSite.value,
          partners: parsedPartners.flatMap((parsed) => (parsed.ok ? [parsed.value] : [])),
        }
      : undefined,
    problems: [parsedSite, ...parsedPartners].flatMap((parsed) => (parsed.ok ? [] : parsed.error)),
  };
}

/** Files that the YAML files name, relative to the site's folder, each once. */
export function filesNamedBy(parsed: ParsedSite): readonly string[] {
  const { identities, communities, database, siem } = parsed.site.content;
  const ofSite = [
    ...identities.flatMap((identity) => [identity.chain, identity.key]),
    ...communities.flatMap(({ ca, identity }) => [ca, identity.chain, identity.key]),
    ...siem.flatMap(({ ca, identity }) => [
      ca,
      ...(identity === undefined ? [] : [identity.chain, identity.key]),
    ]),
    ...(database?.kind === 'postgresql' ? [database.ca, database.passwordFile] : []).flatMap(
      (file) => file ?? [],
    ),
  ];
  const ofPartners = parsed.partners.flatMap(({ source, content }) =>
    pemEntries(content)
      .filter(({ entry }) => !isInlinePem(entry))
      .map(({ entry }) => besides(source.file, entry)),
  );
  return [...new Set([...ofSite, ...ofPartners])];
}

/** Something in PEM that a partner's file holds or names. */
export interface PemEntry {
  readonly kind: 'certificates' | 'revocation-list';
  readonly path: SettingPath;
  readonly entry: string;
}

/** Everything in PEM of a partner's file, with the setting where it stands. */
export function pemEntries({
  trustSets,
  revocation,
  isShortForm,
}: PartnerFile): readonly PemEntry[] {
  const ofSets = trustSets.flatMap((set, at) =>
    (['anchors', 'intermediates'] as const).flatMap((list) =>
      set[list].map((entry, index): PemEntry => {
        const path = isShortForm ? [list, index] : ['trustSets', at, list, index];
        return { kind: 'certificates', path, entry };
      }),
    ),
  );
  const lists = revocation.lists.map((entry, index): PemEntry => {
    return { kind: 'revocation-list', path: ['revocation', 'lists', index], entry };
  });
  return [...ofSets, ...lists];
}

/** Certificates may stand in the YAML itself instead of in a file beside it. */
export function isInlinePem(entry: string): boolean {
  return entry.startsWith('-----BEGIN ');
}

/** Resolves a path that a file names: it is meant from the folder of that file. */
export function besides(file: string, path: string): string {
  const folder = file.slice(0, file.lastIndexOf('/') + 1);
  return `${folder}${path}`;
}

/** Which form a partner's file has is seen by the one setting that only the long form has. */
function parsePartner(text: SourceText): Result<Parsed<PartnerFile>, readonly SiteProblem[]> {
  const hasSets = (value: unknown) =>
    typeof value === 'object' && value !== null && 'trustSets' in value;
  const yaml = parseYamlFile(text.file, text.text);
  if (!yaml.ok) return yaml;
  const parsed = hasSets(yaml.value.value)
    ? checkWith(partnerOfSetsSchema, yaml.value)
    : checkWith(partnerSchema, yaml.value);
  return parsed.ok ? ok({ ...parsed.value, content: partnerFileOf(parsed.value.content) }) : parsed;
}

function parseWith<S extends z.ZodType>(
  schema: S,
  { file, text }: SourceText,
): Result<Parsed<z.output<S>>, readonly SiteProblem[]> {
  const yaml = parseYamlFile(file, text);
  return yaml.ok ? checkWith(schema, yaml.value) : yaml;
}

function checkWith<S extends z.ZodType>(
  schema: S,
  source: YamlFile,
): Result<Parsed<z.output<S>>, readonly SiteProblem[]> {
  const result = schema.safeParse(source.value, { reportInput: true });
  if (result.success) return ok({ source, content: result.data });
  return err(result.error.issues.flatMap((issue) => problemsOf(issue, source)));
}

function problemsOf(issue: z.core.$ZodIssue, source: YamlFile): readonly SiteProblem[] {
  const path = issue.path as SettingPath;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) =>
      source.problem('error', [...path, key], 'is no known setting; check the spelling'),
    );
  }
  return [source.problem('error', path, issueWords(issue))];
}

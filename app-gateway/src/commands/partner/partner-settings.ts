import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { partnerDoubts } from '../../config/check-policy.ts';
import { issueWords } from '../../config/issue-words.ts';
import { type PartnerSettings, partnerSettingsSchema } from '../../config/partner-schema.ts';
import type { Site } from '../../config/site.ts';
import { formatSettingPath, type SettingPath } from '../../config/site-problem.ts';
import { parseYamlFile } from '../../config/yaml-file.ts';
import type { CommandRefusal } from '../command-refusal.ts';
import { bytesOf, sentFile } from '../parameter-schema.ts';
import { listProblems, listsOfFiles } from './revocation-lists.ts';

const texts = z.array(z.string().max(500)).max(1000);

/** What "partner add" and "partner change" can say without a file. */
export const settingsShape = {
  domain: texts.optional(),
  method: texts.optional(),
  event: texts.optional(),
  network: texts.optional(),
  endpoint: texts.optional(),
  description: z.string().max(500).optional(),
  ownIdentity: z.string().max(63).optional(),
  revocationList: z.array(sentFile).min(1).max(16).optional(),
  settings: sentFile.optional(),
};

const shape = z.strictObject(settingsShape);

export type SettingsParameters = z.infer<typeof shape>;

const PROBLEMS_SHOWN = 20;

/** Settings out of what was there before, a file, and options, the later over the earlier. */
export function settingsOf(
  given: SettingsParameters,
  before: PartnerSettings | undefined,
): Result<PartnerSettings, CommandRefusal> {
  const file = fromFile(given);
  if (!file.ok) return file;
  const lists = given.revocationList && listsOfFiles(given.revocationList);
  if (lists?.ok === false) return err(refusalOf(lists.error));
  const endpoints = given.endpoint?.map(endpointOf);
  const options = {
    domains: given.domain,
    methods: given.method,
    eventPackages: given.event,
    sourceNetworks: given.network,
    endpoints,
    description: given.description,
    ownIdentity: given.ownIdentity,
  };
  const set = Object.entries(options).filter(([, value]) => value !== undefined);
  const parsed = partnerSettingsSchema.safeParse(
    withLists({ ...before, ...file.value, ...Object.fromEntries(set) }, lists?.value),
    { reportInput: true },
  );
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      (issue) => `${formatSettingPath(issue.path as SettingPath)}: ${issueWords(issue)}`,
    );
    return err(refusalOf(problems));
  }
  const { lists: known = [] } = before?.revocation ?? {};
  const problems = listProblems(parsed.data.revocation.lists, known);
  if (problems.length > 0) return err(refusalOf(problems));
  // Through JSON, as the database does it: what is undefined is absent.
  return ok(JSON.parse(JSON.stringify(parsed.data)) as PartnerSettings);
}

/** Lists that were given as files take the place of all that there are; what else is said of revocation stays. */
function withLists(
  settings: Readonly<Record<string, unknown>>,
  lists: readonly string[] | undefined,
): Readonly<Record<string, unknown>> {
  if (lists === undefined) return settings;
  return { ...settings, revocation: { ...Object(settings['revocation']), lists } };
}

/** What an operator should look at again, as `sallyport check` words it of a partner's file. */
export function settingsWarnings(settings: PartnerSettings, { limits }: Site): readonly string[] {
  return partnerDoubts(settings, limits).map(
    ({ path, message }) => `${formatSettingPath(path)}: ${message}`,
  );
}

/** Warnings as lines below an answer. */
export function warningLines(warnings: readonly string[]): readonly string[] {
  return warnings.map((warning) => `warning: ${warning}`);
}

function fromFile({
  settings,
}: SettingsParameters): Result<Record<string, unknown>, CommandRefusal> {
  if (settings === undefined) return ok({});
  const yaml = parseYamlFile(settings.name, bytesOf(settings).toString('utf8'));
  if (!yaml.ok) return err(refusalOf(yaml.error.map(({ message }) => message)));
  const { value } = yaml.value;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return ok({ ...value });
  return err(refusalOf([`${settings.name}: must be a group of settings`]));
}

/** `[2001:db8::1]:5061`, `sip.globex.example:5061`; the schema judges both parts. */
function endpointOf(text: string): unknown {
  const parts = /^\[?(.*?)\]?:(\d{1,5})$/.exec(text);
  return parts === null ? { host: text, port: 5061 } : { host: parts[1], port: Number(parts[2]) };
}

function refusalOf(problems: readonly string[]): CommandRefusal {
  return {
    code: 'settings-wrong',
    message: problems.slice(0, PROBLEMS_SHOWN).join('; '),
    next: 'see “partners/<id>.yaml” in docs/site-file.md; a partner needs at least --domain and --method',
    detail: { problems },
  };
}

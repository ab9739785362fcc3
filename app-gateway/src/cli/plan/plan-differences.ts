import { type NetworkPlan, PLAN_FORMAT } from '../../plan/network-plan.ts';
import { type PlaceChanges, planChanges } from '../../plan/plan-changes.ts';
import { flowWords } from '../../plan/render/flow-words.ts';
import { MATRIX_FILE } from '../../plan/render/plan-documents.ts';
import { unifiedDiff } from '../../plan/render/unified-diff.ts';
import { SUMS_FILE } from '../bundle/bundle-sums.ts';
import type { PlannedFile } from '../files/planned-file.ts';
import { type Outcome, success } from '../outcome.ts';
import { type ChangedFile, planSteps } from './plan-steps.ts';

/** Texts that say the same as others that are shown, or that nobody reads line by line. */
const UNSHOWN = /(?:\.rules|\.csv|\.svg|matrix\.json|matrix\.md|checklist\.md)$/;

interface FileChange extends ChangedFile {
  /** Absent for secrets, and for texts that follow from others. */
  readonly diff?: string;
}

/** What a change of the site would change on each firewall and host, against the plan that lies in a folder. */
export function planDifferences(
  folder: string,
  earlier: ReadonlyMap<string, string>,
  files: readonly PlannedFile[],
  plan: NetworkPlan,
): Outcome {
  const fileChanges = fileChangesOf(earlier, files);
  if (fileChanges.length === 0) {
    return success([`${folder} is up to date`], { folder, steps: [], places: [], files: [] });
  }
  const known = earlierPlan(earlier);
  const changes = known === 'of-another-form' ? [] : planChanges(known, plan);
  const steps = stepsSince(earlier, files, plan);
  const places = placesOf(changes, shownOnce(fileChanges));
  return {
    exitCode: 1,
    text: [
      ...(earlier.size === 0 ? [`${folder} holds no plan yet: everything is new`] : []),
      ...(known === 'of-another-form'
        ? [`the plan in ${folder} is of another version: its texts are compared, its flows are not`]
        : []),
      ...(steps.length === 0 ? [] : ['To do:', ...steps.map((each) => `  ${each}`), '']),
      ...places.flatMap((place) => placeLines(place)),
    ].join('\n'),
    json: { ok: false, folder, steps, places: changes, files: fileChanges },
  };
}

/** What people have to do after a change of the site, against the plan that lay in a folder. */
export function stepsSince(
  earlier: ReadonlyMap<string, string>,
  files: readonly PlannedFile[],
  plan: NetworkPlan,
): readonly string[] {
  const known = earlierPlan(earlier);
  const fresh = new Map(files.map(({ path, text }) => [path, text]));
  return planSteps(
    known === 'of-another-form' ? undefined : known,
    plan,
    changedFiles(earlier, fresh),
    (path) => ({ before: earlier.get(path), after: fresh.get(path) }),
  );
}

/** A change whose text is shown already, elsewhere. */
interface ShownChange extends FileChange {
  readonly like?: string;
}

interface ChangedPlace {
  readonly title: string;
  readonly flows: PlaceChanges | undefined;
  readonly files: readonly ShownChange[];
}

function placesOf(
  changes: readonly PlaceChanges[],
  files: readonly ShownChange[],
): readonly ChangedPlace[] {
  const titles = new Set([
    ...changes.map(({ kind, name }) => `${kind} ${name}`),
    ...files.map(({ path }) => titleOf(path)),
  ]);
  const rank = (title: string) => ORDER.findIndex((kind) => title.startsWith(kind));
  return [...titles]
    .toSorted((a, b) => rank(a) - rank(b))
    .map((title) => ({
      title,
      flows: changes.find(({ kind, name }) => `${kind} ${name}` === title),
      files: files.filter(({ path }) => titleOf(path) === title),
    }));
}

const ORDER = ['firewall', 'host', 'balancer', 'documents'];

function titleOf(path: string): string {
  const [folder, name] = path.split('/');
  if (name === undefined) return 'documents';
  return `${{ firewalls: 'firewall', hosts: 'host', balancers: 'balancer' }[folder ?? ''] ?? folder} ${name}`;
}

function placeLines({ title, flows, files }: ChangedPlace): readonly string[] {
  return [
    `${title}:`,
    ...(flows?.added ?? []).map((flow) => `  + ${flowWords(flow)}`),
    ...(flows?.removed ?? []).map((flow) => `  - ${flowWords(flow)}`),
    ...(flows?.changed ?? []).flatMap(({ before, after }) => [
      `  ~ ${flowWords(before)}`,
      `    now ${flowWords(after)}`,
    ]),
    ...files
      .filter(({ diff }) => diff === undefined)
      .map(({ path, change, like }) =>
        like === undefined ? `  ${change}: ${path}` : `  ${change}: ${path}, as ${like}`,
      ),
    // A terminal is not shown tabs.
    ...files
      .flatMap(({ diff }) => (diff ?? '').replaceAll('\t', '    ').split('\n'))
      .filter(Boolean),
    '',
  ];
}

/** Copies of one text, such as the site file at each gateway, change alike: only the first is shown. */
function shownOnce(files: readonly FileChange[]): readonly ShownChange[] {
  const seen = new Map<string, string>();
  return files
    .filter(({ path }) => !path.endsWith(`/${SUMS_FILE}`))
    .map((file) => {
      const body = file.diff?.split('\n').slice(2).join('\n') ?? '';
      const first = body === '' ? undefined : seen.get(body);
      if (first === undefined) {
        seen.set(body, file.path);
        return file;
      }
      const { path, change } = file;
      return { path, change, like: first };
    });
}

function fileChangesOf(
  earlier: ReadonlyMap<string, string>,
  files: readonly PlannedFile[],
): readonly FileChange[] {
  const fresh = new Map(files.map((file) => [file.path, file]));
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  return changedFiles(earlier, texts).map(({ path, change }): FileChange => {
    const file = fresh.get(path);
    if (file?.isSecret === true || UNSHOWN.test(path) || change === 'removed')
      return { path, change };
    return { path, change, diff: unifiedDiff(path, earlier.get(path), file?.text) };
  });
}

function changedFiles(
  earlier: ReadonlyMap<string, string>,
  fresh: ReadonlyMap<string, string>,
): readonly ChangedFile[] {
  return [...new Set([...earlier.keys(), ...fresh.keys()])].sort().flatMap((path) => {
    const [old, text] = [earlier.get(path), fresh.get(path)];
    if (old === text) return [];
    return [
      { path, change: old === undefined ? 'added' : text === undefined ? 'removed' : 'changed' },
    ];
  });
}

/** The folder's own plan, whose digest was checked; that of another version says less or more of each flow. */
function earlierPlan(
  earlier: ReadonlyMap<string, string>,
): NetworkPlan | 'of-another-form' | undefined {
  const text = earlier.get(MATRIX_FILE);
  if (text === undefined) return undefined;
  const plan = JSON.parse(text) as NetworkPlan;
  return plan.format === PLAN_FORMAT ? plan : 'of-another-form';
}

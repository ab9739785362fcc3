import { isBelow, type PostureLevel } from '@sallyport/shared/channel/posture-level.ts';
import type { Posture, PostureFinding } from '../../posture/posture.ts';
import { counted, nextLine, textTable } from '../text-table.ts';

const BAR: Readonly<Record<PostureLevel, string>> = {
  low: '[#....]',
  medium: '[###..]',
  high: '[#####]',
};

/** A posture for a terminal: the level, what is below `high` (worst first) with why and what to do, and what stands well. */
export function postureText(
  { level, findings }: Posture,
  required: PostureLevel | undefined,
): string {
  const weak = findings.filter((finding) => finding.level !== 'high');
  const good = findings.filter((finding) => finding.level === 'high');
  const isTooLow = required !== undefined && isBelow(level, required);
  const lines = [
    `${BAR[level]} posture ${level}: as the weakest of ${counted(findings.length, 'setting')}`,
    ...(isTooLow ? [`${required} is demanded: this is not enough`] : []),
    '',
    ...tableOf(weak),
    ...reasons(weak),
    ...tableOf(good),
    `${good.length} of ${findings.length} stand at high; --json says why, and names every partner`,
  ];
  const [worst] = weak;
  if (worst?.toRaise !== undefined) lines.push(nextLine(nextStep(worst.at, worst.toRaise)));
  return lines.join('\n');
}

function tableOf(findings: readonly PostureFinding[]): readonly string[] {
  if (findings.length === 0) return [];
  const rows = alike(findings).map(([first, ...others]) => {
    const { level, at, when } = first;
    return [`${BAR[level]} ${level}`, placeOf(at, others.length), when];
  });
  return [textTable(['LEVEL', 'SETTING', 'STANDS AT'], rows), ''];
}

/** Partners of which many stand alike at a setting are one; the others are one each. */
function alike(
  findings: readonly PostureFinding[],
): readonly (readonly [PostureFinding, ...PostureFinding[]])[] {
  const groups = new Map<string, [PostureFinding, ...PostureFinding[]]>();
  for (const finding of findings) {
    const setting = PARTNERS_SETTING.exec(finding.at)?.[2];
    const own = setting === undefined ? finding.at : `${setting} ${finding.level} ${finding.when}`;
    const group = groups.get(own);
    if (group === undefined) groups.set(own, [finding]);
    else group.push(finding);
  }
  return [...groups.values()].flatMap((group) =>
    group.length > NAMED_MAX ? [group] : group.map((finding): [PostureFinding] => [finding]),
  );
}

function placeOf(at: string, others: number): string {
  return others === 0 ? at : at.replace(PARTNERS_SETTING, `$1 and ${others} more: $2`);
}

const PARTNERS_SETTING = /^(partners\/[^:]+): (.*)$/;
const NAMED_MAX = 5;

/** What to do and where; the setting's name once, where both end and begin with it. */
function nextStep(at: string, toRaise: string): string {
  const [setting = ''] = toRaise.split(':');
  return at.endsWith(setting) ? `${at.slice(0, -setting.length)}${toRaise}` : `${at}: ${toRaise}`;
}

/** Why and what to do, once for each way of standing. */
function reasons(findings: readonly PostureFinding[]): readonly string[] {
  const told = new Map<string, string>();
  for (const { rule, level, when, why, toRaise } of findings) {
    const remedy = toRaise === undefined ? '' : `\n  to raise it: ${toRaise}`;
    told.set(`${rule} ${when}`, `${rule}, ${level}: ${why}${remedy}`);
  }
  return told.size === 0 ? [] : [...told.values(), ''];
}

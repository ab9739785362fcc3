import { isBelow, type PostureLevel } from '@sallyport/shared/channel/posture-level.ts';
import type { Posture, PostureFinding } from '../posture/posture.ts';
import { counted, nextLine, textTable } from './text-table.ts';

const BAR: Readonly<Record<PostureLevel, string>> = {
  low: '[#....]',
  medium: '[###..]',
  high: '[#####]',
};

/** A posture for a terminal: the level, what is below `high` (worst first) with why and what to do, and how many stand well. */
export function postureText(
  { level, findings }: Posture,
  required: PostureLevel | undefined,
): string {
  const weak = findings.filter((finding) => finding.level !== 'high');
  const rows = weak.map((finding) => [
    `${BAR[finding.level]} ${finding.level}`,
    finding.at,
    finding.when,
  ]);
  const isTooLow = required !== undefined && isBelow(level, required);
  const lines = [
    `${BAR[level]} posture ${level}: as the weakest of ${counted(findings.length, 'setting')}`,
    ...(isTooLow ? [`${required} is demanded: this is not enough`] : []),
    ...(rows.length === 0 ? [] : ['', textTable(['LEVEL', 'SETTING', 'STANDS AT'], rows), '']),
    ...reasons(weak),
    `${findings.length - weak.length} of ${findings.length} stand at high; --json shows all`,
  ];
  const [worst] = weak;
  if (worst?.toRaise !== undefined) lines.push(nextLine(`${worst.at}: ${worst.toRaise}`));
  return lines.join('\n');
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

import { POSTURE_LEVELS } from '@sallyport/shared/channel/posture-level.ts';
import { POSTURE_RULES } from './posture.ts';
import { UNRATED_SETTINGS } from './unrated-settings.ts';

const BEGIN = '<!-- from the rules: begin -->';
const END = '<!-- from the rules: end -->';

/** The page of the documentation with its tables made anew from the rules; the rest is kept. */
export function posturePage(page: string): string {
  const start = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (start < 0 || end < start) throw new Error(`docs/posture.md needs ${BEGIN} and ${END}`);
  return `${page.slice(0, start + BEGIN.length)}\n\n${tables()}\n\n${page.slice(end)}`;
}

function tables(): string {
  const rows = POSTURE_RULES.flatMap(({ name, protocols, settings, grades }) =>
    Object.values(grades)
      .toSorted((a, b) => POSTURE_LEVELS.indexOf(b.level) - POSTURE_LEVELS.indexOf(a.level))
      .map(({ level, when, why, toRaise }, at) => [
        at === 0 ? `**${name}**${settings.length > 0 ? `<br>${shown(settings)}` : ''}` : '',
        at === 0 ? protocols.join(', ') : '',
        level,
        when,
        why,
        toRaise ?? '',
      ]),
  );
  return [
    '| rule and settings | protocol | level | stands at | why | to raise it |',
    '|---|---|---|---|---|---|',
    ...rows.map(row),
    '',
    'These settings say nothing about security; `*` means all below.',
    '',
    '| setting | why |',
    '|---|---|',
    ...[...UNRATED_SETTINGS].map(([setting, why]) => row([`\`${setting}\``, why])),
  ].join('\n');
}

function shown(settings: readonly string[]): string {
  return settings.map((setting) => `\`${setting}\``).join(', ');
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

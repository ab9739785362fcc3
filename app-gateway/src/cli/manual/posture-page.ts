import { POSTURE_LEVELS } from '@sallyport/shared/channel/posture-level.ts';
import { POSTURE_RULES } from '../../posture/posture.ts';
import { UNRATED_SETTINGS } from '../../posture/unrated-settings.ts';
import { markdownTable, shownSettings, withPart } from './page-part.ts';

/** The page of the documentation with its tables made anew from the rules; the rest is kept. */
export function posturePage(page: string): string {
  return withPart(page, 'docs/posture.md', 'rules', tables());
}

function tables(): string {
  const rows = POSTURE_RULES.flatMap(({ name, protocols, settings, grades }) =>
    Object.values(grades)
      .toSorted((a, b) => POSTURE_LEVELS.indexOf(b.level) - POSTURE_LEVELS.indexOf(a.level))
      .map(({ level, when, why, toRaise }, at) => [
        at === 0 ? `**${name}**${settings.length > 0 ? `<br>${shownSettings(settings)}` : ''}` : '',
        at === 0 ? protocols.join(', ') : '',
        level,
        when,
        why,
        toRaise ?? '',
      ]),
  );
  return [
    markdownTable(
      ['rule and settings', 'protocol', 'level', 'stands at', 'why', 'to raise it'],
      rows,
    ),
    '',
    'These settings say nothing about security; `*` means all below.',
    '',
    markdownTable(
      ['setting', 'why'],
      [...UNRATED_SETTINGS].map(([setting, why]) => [`\`${setting}\``, why]),
    ),
  ].join('\n');
}

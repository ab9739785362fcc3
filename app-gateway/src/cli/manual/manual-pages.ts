import { GROUPS, shownWords } from '../../commands/command-groups.ts';
import { TYPED_COMMANDS } from '../command-line.ts';
import type { CommandOption } from '../command-options.ts';
import type { TypedCommand } from '../typed-command.ts';
import { markdownTable } from './page-part.ts';

/** A page of the manual, relative to `docs/manual`. */
export interface ManualPage {
  readonly file: string;
  readonly text: string;
}

/** The whole manual out of the commands' own definitions: one page a group, and a table of contents. */
export function manualPages(): readonly ManualPage[] {
  const groups = [...GROUPS].flatMap(([name, about]) => {
    const ofGroup = TYPED_COMMANDS.filter(({ words }) => words[0] === name);
    return ofGroup.length === 0 ? [] : [{ name, about, sections: ofGroup }];
  });
  const contents = groups.flatMap(({ name, about, sections: ofGroup }) => [
    `- [${name}](${name}.md): ${about}`,
    ...ofGroup.map((section) => `  - ${shownWords(section.words).join(' ')}: ${section.summary}`),
  ]);
  return [
    { file: 'README.md', text: page('Manual', [INTRODUCTION, contents.join('\n')]) },
    ...groups.map(({ name, about, sections: ofGroup }) => ({
      file: `${name}.md`,
      text: page(`sallyport ${name}`, [`${capital(about)}.`, ...ofGroup.flatMap(sectionLines)]),
    })),
  ];
}

const INTRODUCTION = [
  'Commands of a site’s files ([site](site.md), plan, doctor) ask nobody. The others are for a running gateway: they go',
  'over a Unix socket in its bundle (`run/admin.sock`), one route each: `POST /v1/<group>/<name>` with',
  '`{ "parameters": …, "payload": …, "signature": … }`. Whoever may open the socket may',
  'read; what changes something carries the signature of an operator with the role for it, which the history keeps.',
  '',
  'Every command has `--json`: one object, `{ "ok": true, "answer": … }` or `{ "ok": false, "error": { "code",',
  '"message", "next", "detail" } }`. Exit codes: 0 done, 1 refused or failed, 2 not understood.',
  '`ok` is true exactly where the code is 0. What was found out and is bad news (`partner check`, `audit verify`,',
  '`posture --require`) is an `answer` beside `"ok": false`.',
  '',
  'These pages are made from the definitions in `app-gateway/src/commands/` by `npm run manual`.',
].join('\n');

function sectionLines(section: TypedCommand): readonly string[] {
  const { words, summary, description, examples, positional, options } = section;
  const usage = [
    'sallyport',
    ...shownWords(words),
    ...positional.map(({ word }) => word),
    '[options]',
  ].join(' ');
  const rows = [
    ...positional.map(({ word, description: what }) => [`\`${word}\``, what]),
    ...options.map((option) => [`\`${option.flags}\``, meaningOf(option)]),
  ];
  return [
    `## ${shownWords(words).join(' ')}`,
    `${capital(summary)}.`,
    fenced([usage]),
    ...description,
    `Takes: ${neededBy(section)}.`,
    markdownTable(['option', 'meaning'], rows),
    'For example:',
    fenced(examples),
  ];
}

function neededBy({ isOfGateway, role }: TypedCommand): string {
  if (isOfGateway !== true) return 'no gateway';
  return role === undefined
    ? 'nobody in particular: it only reads'
    : `an operator’s signature, role ${role} or above`;
}

function meaningOf({ description, isMandatory, isList, choices }: CommandOption): string {
  return [
    description,
    isMandatory ? ' (needed)' : '',
    choices === undefined ? '' : `: ${choices.join(', ')}`,
    isList && !description.includes('may be repeated') ? '; may be repeated' : '',
  ].join('');
}

function page(title: string, paragraphs: readonly string[]): string {
  return `${[`# ${title}`, ...paragraphs].join('\n\n')}\n`;
}

function fenced(lines: readonly string[]): string {
  return ['```', ...lines, '```'].join('\n');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

import { ALL_COMMANDS } from '../../commands/all-commands.ts';
import type { AnyCommand } from '../../commands/command.ts';
import { GROUPS, shownWords } from '../command-groups.ts';
import { type CommandOption, optionsOf, wordOf } from '../command-options.ts';
import { LOCAL_COMMANDS, type LocalCommand } from '../local-commands.ts';

/** A page of the manual, relative to `docs/manual`. */
export interface ManualPage {
  readonly file: string;
  readonly text: string;
}

/** What a section of a page is made of, wherever the command runs. */
interface Section {
  readonly words: readonly [group: string, name: string];
  readonly summary: string;
  readonly description: readonly string[];
  readonly examples: readonly string[];
  readonly role: string;
  readonly positional: readonly (readonly [word: string, description: string])[];
  readonly options: readonly CommandOption[];
}

/** The whole manual out of the commands' own definitions: one page a group, and a table of contents. */
export function manualPages(): readonly ManualPage[] {
  const sections = [...ALL_COMMANDS.map(sectionOf), ...LOCAL_COMMANDS.map(localSectionOf)];
  const groups = [...GROUPS].flatMap(([name, about]) => {
    const ofGroup = sections.filter(({ words }) => words[0] === name);
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
  'Commands of a running gateway. They go over a Unix socket in its bundle (`run/admin.sock`), one route each:',
  '`POST /v1/<group>/<name>` with `{ "parameters": …, "payload": …, "signature": … }`. Whoever may open the socket may',
  'read; what changes something carries the signature of an operator with the role for it, which the history keeps.',
  '',
  'Every command has `--json`: one object, `{ "ok": true, "answer": … }` or `{ "ok": false, "error": { "code",',
  '"message", "next", "detail" } }`. Exit codes: 0 done, 1 refused or failed, 2 not understood.',
  '',
  'These pages are made from the definitions in `app-gateway/src/commands/` by `npm run manual`.',
].join('\n');

function sectionOf(definition: AnyCommand): Section {
  const { words, summary, description, examples, role, parameters } = definition;
  return {
    words,
    summary,
    description,
    examples,
    role:
      role === undefined
        ? 'nobody in particular: it only reads'
        : `an operator’s signature, role ${role} or above`,
    positional: parameters
      .filter(({ isPositional }) => isPositional === true)
      .map((parameter) => [wordOf(parameter.name), parameter.description]),
    options: optionsOf(definition),
  };
}

function localSectionOf(command: LocalCommand): Section {
  const { words, summary, description, examples, argument, argumentDescription, options } = command;
  const has = (word: string) => options.some(({ flags }) => flags.startsWith(word));
  const isOfGateway = has('--operator-key') && has('--socket');
  return {
    words,
    summary,
    description,
    examples,
    role: isOfGateway ? 'an operator’s signature, role operator or above' : 'no gateway',
    positional: argument === '' ? [] : [[argument, argumentDescription]],
    options,
  };
}

function sectionLines(section: Section): readonly string[] {
  const { words, summary, description, examples, role, positional, options } = section;
  const usage = [
    'sallyport',
    ...shownWords(words),
    ...positional.map(([word]) => word),
    '[options]',
  ].join(' ');
  const rows = [
    ...positional.map(([word, what]) => [`\`${word}\``, what]),
    ...options.map(({ flags, description: what, isMandatory, isList }) => [
      `\`${flags}\``,
      `${what}${isMandatory ? ' (needed)' : ''}${isList && !what.includes('may be repeated') ? '; may be repeated' : ''}`,
    ]),
  ];
  return [
    `## ${shownWords(words).join(' ')}`,
    `${capital(summary)}.`,
    fenced([usage]),
    ...description,
    `Takes: ${role}.`,
    [
      '| option | meaning |',
      '|---|---|',
      ...rows.map((row) => `| ${row.map(cell).join(' | ')} |`),
    ].join('\n'),
    'For example:',
    fenced(examples),
  ];
}

function page(title: string, paragraphs: readonly string[]): string {
  return `${[`# ${title}`, ...paragraphs].join('\n\n')}\n`;
}

function fenced(lines: readonly string[]): string {
  return ['```', ...lines, '```'].join('\n');
}

function cell(text: string | undefined): string {
  return (text ?? '').replaceAll('|', '\\|');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

import { ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { readState } from '../change-state.ts';
import type { AnswerFile, CommandDefinition } from '../command.ts';
import { counted, nextLine } from '../text-table.ts';

const schema = z.strictObject({});

interface Exported {
  readonly files: readonly AnswerFile[];
}

/** Partners and certificates as files of a site's folder. */
export const stateExport: CommandDefinition<z.infer<typeof schema>, Exported> = {
  words: ['state', 'export'],
  summary: 'write partners and certificates as files, for version control or another site',
  description: [
    'Imported again they change nothing. No private key is in them. Files that are there already are not written over: export into an empty folder.',
  ],
  examples: ['sallyport export --out exported'],
  parameters: [],
  schema,
  async run(context) {
    const state = await readState(context);
    if (!state.ok) return state;
    const files = context.siteFiles.exported(state.value);
    return ok({ files: files.map(({ path, text }) => ({ name: path, text })) });
  },
  text: ({ files }) =>
    [
      counted(files.length, 'file'),
      nextLine('keep them beside site.yaml, and import them with it'),
    ].join('\n'),
  files: ({ files }) => files,
};

import { ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { readState } from '../change-state.ts';
import type { AnswerFile, CommandDefinition } from '../command.ts';
import { counted, nextLine } from '../text-table.ts';
import { STATE_EXPORT } from './state-descriptions.ts';

const schema = z.strictObject({});

interface Exported {
  readonly files: readonly AnswerFile[];
}

/** Partners and certificates as files of a site's folder. */
export const stateExport: CommandDefinition<z.infer<typeof schema>, Exported> = {
  ...STATE_EXPORT,
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

import { err, ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import type { Author } from '../../domain/exchange/change-event.ts';
import type { State, StateChange } from '../../ports/state-store.ts';
import { appliedLines } from '../applied-text.ts';
import { changeState, readState } from '../change-state.ts';
import type { CommandDefinition } from '../command.ts';
import type { Applied, CommandContext, RecordChange } from '../command-context.ts';
import { bytesOf, sentFolder } from '../parameter-schema.ts';
import { counted, nextLine } from '../text-table.ts';
import { STATE_IMPORT } from './state-descriptions.ts';

const schema = z.strictObject({ folder: sentFolder, dryRun: z.boolean().optional() });

type Given = z.infer<typeof schema>;

interface Imported {
  readonly difference: readonly RecordChange[];
  readonly isDone: boolean;
  readonly applied?: Applied;
}

/** Brings partners and identities to what a site's folder says, in one step. */
export const stateImport: CommandDefinition<Given, Imported> = {
  ...STATE_IMPORT,
  schema,
  async run(context, given, author) {
    if (given.dryRun === true) {
      const state = await readState(context);
      if (!state.ok) return state;
      const found = differenceOf(context, state.value, given, author);
      return found.ok ? ok({ difference: found.value.difference, isDone: false }) : found;
    }
    // Nothing is written for files that say nothing new, and then there is no event either.
    let difference: readonly RecordChange[] = [];
    const done = await changeState(context, (state) => {
      const found = differenceOf(context, state, given, author);
      if (!found.ok) return found;
      difference = found.value.difference;
      const { change } = found.value;
      return change === undefined ? err(NOTHING) : ok({ change, answer: difference });
    });
    if (!done.ok) return done.error === NOTHING ? ok({ difference, isDone: true }) : done;
    const applied = await context.running.apply(done.value.revision);
    return ok({ difference: done.value.answer, isDone: true, applied });
  },
  text({ difference, isDone, applied }) {
    if (difference.length === 0) return 'the files say nothing new';
    const lines = difference.flatMap(({ subject, kind, fields }) => [
      `${subject}: ${kind}`,
      ...(kind === 'changed'
        ? fields.map(
            ({ field, before, after }) => `  ${field}: ${short(before)} -> ${short(after)}`,
          )
        : []),
    ]);
    const end = isDone
      ? [
          `${counted(difference.length, 'record')} imported`,
          ...(applied ? appliedLines(applied) : []),
        ]
      : ['nothing was changed', nextLine('the same without --dry-run')];
    return [...lines, ...end].join('\n');
  },
};

const NOTHING = {
  code: 'nothing-changes',
  message: 'the files say nothing new',
  next: 'nothing needs to be done',
};
const SHORT_MAX = 120;

function differenceOf(context: CommandContext, state: State, { folder }: Given, author: Author) {
  const files = folder.map((file) => ({ path: file.name, text: bytesOf(file).toString('utf8') }));
  const found = context.siteFiles.difference(state, files, author, context.nowMs());
  if (found.ok)
    return ok<{ difference: readonly RecordChange[]; change: StateChange | undefined }>(
      found.value,
    );
  return err({
    code: 'site-files-wrong',
    message: found.error.join('\n'),
    next: 'correct the files; "sallyport check DIR" shows the same',
    detail: { problems: found.error },
  });
}

function short(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > SHORT_MAX ? `${text.slice(0, SHORT_MAX)}…` : text;
}

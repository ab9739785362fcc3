import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { Surroundings } from '@sallyport/app-gateway/cli/surroundings.ts';

/** A world for the command line: a folder, and what is typed. */
export function surroundingsOf(
  folder: string,
  change: Partial<Surroundings> = {},
): Surroundings & { readonly shown: () => string } {
  const messages = new PassThrough();
  let shown = '';
  const write = messages.write.bind(messages);
  messages.write = (chunk: string) => {
    shown += chunk;
    return write(chunk);
  };
  return {
    folder,
    home: folder,
    installed: join(folder, 'installed'),
    bundle: undefined,
    operatorKey: undefined,
    input: new PassThrough(),
    messages,
    nowMs: () => 0,
    ...change,
    shown: () => shown,
  };
}

/** A terminal at which these lines are typed, one each time that it stops showing what is typed. */
export function terminal(...typed: readonly string[]) {
  const input = Object.assign(new PassThrough(), {
    isTTY: true,
    isRaw: false,
    setRawMode(isRaw: boolean) {
      input.isRaw = isRaw;
      const next = isRaw ? typed[at++] : undefined;
      if (next !== undefined) setImmediate(() => input.write(next));
    },
  });
  let at = 0;
  return input;
}

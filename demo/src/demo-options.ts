import { parseArgs } from 'node:util';
import type { Layout } from './demo-site.ts';

/** What somebody who looks at the project for the first time may say to it. */
export const USAGE = `Usage: npm start -- [--once] [--layout dual-dmz|single-dmz]

  --once             one round, and the end; otherwise it goes on until Ctrl-C
  --layout <LAYOUT>  where the firewalls stand (default: dual-dmz)
  --help             this text`;

export interface DemoOptions {
  readonly once: boolean;
  readonly layout: Layout;
}

/** The options of a command line, `help` where that was asked for, or what was not understood in it. */
export function readOptions(words: readonly string[]): DemoOptions | 'help' | Error {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: {
        once: { type: 'boolean', default: false },
        layout: { type: 'string', default: 'dual-dmz' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const { once, layout, help } = values;
    if (help) return 'help';
    if (layout === 'dual-dmz' || layout === 'single-dmz') return { once, layout };
    return new Error(`--layout must be dual-dmz or single-dmz, not "${layout}"`);
  } catch (cause) {
    if (cause instanceof TypeError) return cause;
    throw cause;
  }
}

import { FrameType } from '@sallyport/shared/channel/frame.ts';
import type { ChannelConnection } from '@sallyport/shared/io/channel-connection.ts';
import type { LogFields, Logger } from '@sallyport/shared/io/json-log.ts';

export interface ReportLogOptions {
  /** Where lines go on this host. */
  readonly local: Logger;
  /** Channels that carry them inside as well; the first that takes a line has it. */
  readonly channels: () => readonly Pick<ChannelConnection, 'sendJson'>[];
  readonly wallMs: () => number;
  /** A line that was not written because its event came too often. */
  readonly suppressed: (event: string) => void;
}

type Level = 'info' | 'warn' | 'error';

/** Lines of one event in one second; an attacker must not fill a disk. */
const LINES_PER_EVENT_MAX = 20;

/** A log that is written here and sent inside, and that no flood of one event can drown. */
export function reportLog(options: ReportLogOptions): Logger {
  const counts = new Map<string, number>();
  let second = 0;
  const write = (level: Level) => (event: string, fields?: LogFields) => {
    const wallMs = options.wallMs();
    const current = Math.floor(wallMs / 1000);
    if (current !== second) {
      second = current;
      counts.clear();
    }
    const count = (counts.get(event) ?? 0) + 1;
    counts.set(event, count);
    if (count > LINES_PER_EVENT_MAX) {
      options.suppressed(event);
      return;
    }
    options.local[level](event, fields);
    const report = { time: new Date(wallMs).toISOString(), level, event, fields: sendable(fields) };
    for (const channel of options.channels()) {
      if (channel.sendJson(FrameType.log, 0, 0, report)) return;
    }
  };
  return { info: write('info'), warn: write('warn'), error: write('error') };
}

function sendable(fields: LogFields = {}): Readonly<Record<string, string | number | boolean>> {
  const kept: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || value === null) continue;
    kept[name] = typeof value === 'string' ? value.slice(0, 512).replace(/\p{Cc}/gu, ' ') : value;
  }
  return kept;
}

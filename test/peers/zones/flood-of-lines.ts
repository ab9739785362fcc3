import assert from 'node:assert/strict';
import { LINES_OF_PROXY } from '@sallyport/app-gateway/adapters/channel/limited-log.ts';

/** Of lines about one proxy a gateway writes a burst and then so many a second, however long the flood takes. */
export function isLimited(flood: readonly string[]): void {
  const [first = 0, ...later] = flood.map((line) =>
    Date.parse((JSON.parse(line) as { time: string }).time),
  );
  const seconds = ((later.at(-1) ?? first) - first) / 1000;
  const most = LINES_OF_PROXY.linesAtOnce + LINES_OF_PROXY.linesPerSecond * (seconds + 1);
  assert.ok(flood.length <= most, `${flood.length} lines of a flood in ${seconds} s`);
}

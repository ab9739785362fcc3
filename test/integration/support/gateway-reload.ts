import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import type { GatewayStage } from './gateway-stage.ts';

/** The file with one thing in it changed; fails where that is not in it. */
export function changed(text: string, from: string | RegExp, to: string): string {
  const other = text.replace(from, to);
  assert.notEqual(other, text, String(from));
  return other;
}

/** Writes a changed file of the gateway's bundle, and has it read. */
export async function reloadWith(stage: GatewayStage, name: string, text: string): Promise<void> {
  await writeFile(stage.file(name), text);
  stage.signal('SIGHUP');
  const end = /^(?:reloaded|reload-refused|site-refused)$/;
  const ended = () => stage.log.findIndex(({ event }) => end.test(event));
  await stage.until(() => ended() >= 0);
  const [line] = stage.log.splice(ended(), 1);
  assert.equal(line?.event, 'reloaded', JSON.stringify(line));
}

import type { Link } from '../signalling.ts';
import type { ClientTry } from './proxied-request.ts';

/** That link carries the try from now on. */
export function waitOn(client: ClientTry, link: Link): void {
  leaveLink(client);
  client.link = link;
  client.before = link.lastWaiting;
  if (client.before !== undefined) client.before.after = client;
  link.lastWaiting = client;
}

/** No answer is waited for any more; the try still knows by which way it went. */
export function leaveLink(client: ClientTry): void {
  const { link, before, after } = client;
  if (before !== undefined) before.after = after;
  if (after !== undefined) after.before = before;
  else if (link?.lastWaiting === client) link.lastWaiting = before;
  client.before = undefined;
  client.after = undefined;
}

/**
 * Numbers of the tries that wait on a link now, in the order in which they came to it.
 *
 * Found without a look at any other: a proxy may announce and end connections by the ten thousand, while all proxies
 * together have as many requests under way.
 */
export function waitingOn(link: Link): readonly number[] {
  const numbers: number[] = [];
  for (let at = link.lastWaiting; at !== undefined; at = at.before) numbers.push(at.number);
  return numbers.reverse();
}

/**
 * What our branch values carry (RFC 3261 §16.6 step 8, RFC 5393 §4.2).
 *
 * `node` is the gateway that sent the request, so that any proxy can hand it the response; `unique` tells its
 * transactions apart; `loop` is the hash by which we know the request when it comes back. Each part is one or
 * more of `A-Z a-z 0-9 -`. A partner sees all three, so a node's tag must say nothing of the site behind it.
 */
export interface Branch {
  readonly node: string;
  readonly unique: string;
  readonly loop: string;
}

const COOKIE = 'z9hG4bK';
const PATTERN = /^z9hG4bK([A-Za-z0-9-]{1,32})\.([A-Za-z0-9-]{1,64})\.([A-Za-z0-9-]{1,64})$/;

/** The branch parameter of a request that we send on. */
export function formatBranch(branch: Branch): string {
  return `${COOKIE}${branch.node}.${branch.unique}.${branch.loop}`;
}

/** The parts of a branch of ours; undefined for any other. The Via's sent-by must have been seen to be ours. */
export function parseBranch(text: string): Branch | undefined {
  const match = PATTERN.exec(text);
  if (match === null) return undefined;
  const [, node = '', unique = '', loop = ''] = match;
  return { node, unique, loop };
}

/** Which gateway sent the request of this branch, found without reading the rest of it. */
export function nodeOfBranch(text: string): string | undefined {
  if (!text.startsWith(COOKIE)) return undefined;
  const end = text.indexOf('.', COOKIE.length);
  return end > COOKIE.length && end <= COOKIE.length + 32
    ? text.slice(COOKIE.length, end)
    : undefined;
}

/** What all branches of a node begin with whose unique part begins so. */
export function startOfBranch(node: string, unique: string): string {
  return `${COOKIE}${node}.${unique}`;
}

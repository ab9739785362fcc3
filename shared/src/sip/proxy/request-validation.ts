/** What the checks before forwarding look at; the syntax has been checked before (RFC 3261 §16.3 step 1). */
export interface RequestFacts {
  readonly method: string;
  /** Lower case. */
  readonly requestUriScheme: string;
  readonly maxForwards: number | undefined;
  readonly maxBreadth: number | undefined;
  /** What `findLoop` said. */
  readonly isLoop: boolean;
  /** Option tags, each a token. */
  readonly proxyRequire: readonly string[];
}

/**
 * What to do with a request before it is routed.
 *
 * `answer-options`: an OPTIONS that may go no further may be answered as if it were for us (RFC 3261 §11, §16.3 step 3).
 * `drop`: an ACK has no response, whatever is wrong with it. `headers` are whole lines without CRLF.
 */
export type RequestVerdict =
  | { readonly type: 'proceed' }
  | { readonly type: 'answer-options' }
  | { readonly type: 'drop' }
  | {
      readonly type: 'reply';
      readonly status: 416 | 420 | 440 | 482 | 483;
      readonly reasonPhrase: string;
      readonly headers: readonly string[];
    };

const PROCEED: RequestVerdict = Object.freeze({ type: 'proceed' });
const ANSWER_OPTIONS: RequestVerdict = Object.freeze({ type: 'answer-options' });
const DROP: RequestVerdict = Object.freeze({ type: 'drop' });
const BAD_SCHEME = reply(416, 'Unsupported URI Scheme');
const TOO_MANY_HOPS = reply(483, 'Too Many Hops');
const LOOP = reply(482, 'Loop Detected');
const NO_BREADTH = reply(440, 'Max-Breadth Exceeded');

/**
 * Whether a request may be forwarded, checked in the order of RFC 3261 §16.3: scheme, hops, loop, breadth
 * (RFC 5393 §5.3.3), extensions that a proxy must know.
 *
 * The first thing wrong decides. `knownExtensions` are lower case.
 */
export function validateRequest(
  request: RequestFacts,
  knownExtensions: ReadonlySet<string>,
): RequestVerdict {
  const verdict = firstProblem(request, knownExtensions);
  return request.method === 'ACK' && verdict !== PROCEED ? DROP : verdict;
}

function firstProblem(request: RequestFacts, known: ReadonlySet<string>): RequestVerdict {
  const { method, requestUriScheme } = request;
  if (requestUriScheme !== 'sip' && requestUriScheme !== 'sips') return BAD_SCHEME;
  if (request.maxForwards === 0) return method === 'OPTIONS' ? ANSWER_OPTIONS : TOO_MANY_HOPS;
  if (request.isLoop) return LOOP;
  if (request.maxBreadth === 0) return NO_BREADTH;
  return request.proxyRequire.length === 0 ? PROCEED : checkExtensions(request, known);
}

/** In ACK and CANCEL the field counts for nothing (RFC 3261 §8.2.2.3): they go where their INVITE went. */
function checkExtensions(request: RequestFacts, known: ReadonlySet<string>): RequestVerdict {
  if (request.method === 'ACK' || request.method === 'CANCEL') return PROCEED;
  const unknown = request.proxyRequire.filter((tag) => !known.has(tag.toLowerCase()));
  if (unknown.length === 0) return PROCEED;
  return reply(420, 'Bad Extension', `Unsupported: ${unknown.join(', ')}`);
}

function reply(
  status: 416 | 420 | 440 | 482 | 483,
  reasonPhrase: string,
  ...headers: readonly string[]
): RequestVerdict {
  return { type: 'reply', status, reasonPhrase, headers };
}

import assert from 'node:assert/strict';
import { RouteTokens } from '@sallyport/app-gateway/domain/route-token.ts';
import { CLUSTER_KEY } from '../app-gateway/domain/core/core-stage.ts';
import {
  addressesIn,
  callIdsIn,
  type Parameters,
  parameterIn,
  type Said,
  type SaidAddress,
  sipUriIn,
  valuesOf,
  viasOf,
} from './second-reader.ts';

/*
 * What must be said of a message that goes on: all that it said, in the same order, but for what docs/protocol-coverage.md says is
 * taken off, put in or translated.
 */

type Fields = Said['fields'];

const OF_A_TRUST_DOMAIN = /^p-/;
/** Neither comes in nor leaves. */
const NEVER_CROSSES = [
  'alert-info',
  'call-info',
  'diversion',
  'error-info',
  'history-info',
  'path',
  'service-route',
];
const NEVER_ENTERS = new Set([
  ...NEVER_CROSSES,
  'answer-mode',
  'priv-answer-mode',
  'resource-priority',
]);
const NEVER_LEAVES = new Set([
  ...NEVER_CROSSES,
  'geolocation',
  'organization',
  'server',
  'user-agent',
  'warning',
]);
/** Fields with addresses, which tokens may stand for outside. */
const ADDRESSES = new Set(['contact', 'refer-to', 'referred-by', 'reply-to']);
const CALL_IDS = new Set(['call-id', 'in-reply-to', 'replaces', 'target-dialog', 'event']);
/** Headers of URIs that go on. */
const URI_HEADERS = /^(?:require|supported|subject|event|accept)=/i;
const HOPS = new Set(['via', 'route', 'record-route', 'max-forwards', 'max-breadth']);

const tokens = new RouteTokens(CLUSTER_KEY);

/** What of a message must have gone to a server of ours, but for the fields of hops. */
export function assertSameInside(before: Said, after: Said): void {
  const isLeftOut = (name: string) => OF_A_TRUST_DOMAIN.test(name) || NEVER_ENTERS.has(name);
  const fields = before.fields.filter(([name]) => !isLeftOut(name));
  assert.deepEqual(
    ofEnds(after.fields).map(([name, value]) => [name, spaced(name, value)]),
    ofEnds(fields).map(([name, value]) => [name, spaced(name, value)]),
  );
  assert.equal(after.body, before.body);
}

/** What of a message must have gone to a partner, but for the fields of hops. */
export function assertSameOutside(before: Said, after: Said): void {
  const isLeftOut = (name: string) => OF_A_TRUST_DOMAIN.test(name) || NEVER_LEAVES.has(name);
  const told = before.fields
    .filter(([name]) => !isLeftOut(name))
    .flatMap((field) => withoutPrivate(field))
    .map(([name, value]) => outsideMeaning([name, value], isTold));
  const meant = ofEnds(after.fields).map((field) => outsideMeaning(field, () => true));
  assert.deepEqual(
    meant.filter(([, value]) => value !== ''),
    ofEnds(told).filter(([, value]) => value !== ''),
  );
  assert.equal(after.body, before.body);
}

/** The rule makes no others. */
const PRIVATE_ADDRESS = /(?<!\d)(?<!\d\.)0?10(?:\.\d{1,3}){3}(?!\.?\d)/;
/** Whose values may hold anything. */
const NOT_LOOKED_AT = new Set(
  [
    'allow allow-events authentication-info authorization call-id content-type cseq date event expires from identity',
    'in-reply-to min-expires proxy-authenticate proxy-authorization replaces require subject subscription-state supported',
    'target-dialog timestamp to unsupported via www-authenticate',
  ].flatMap((names) => names.split(' ')),
);

/** A field as it goes out, if it does: addresses of private networks do not. */
function withoutPrivate([name, value]: Fields[number]): Fields {
  const isLookedAt = !(NOT_LOOKED_AT.has(name) || ADDRESSES.has(name) || HOPS.has(name));
  if (!isLookedAt || !PRIVATE_ADDRESS.test(value)) return [[name, value]];
  return name === 'retry-after' ? [[name, Number.parseInt(value, 10).toString()]] : [];
}

/** Whether a parameter of an address goes out. */
function isTold([name, value = '']: Parameters[number]): boolean {
  return !/^(?:\+sip\.instance$|reg-id$|\+u\.)/.test(name) && !PRIVATE_ADDRESS.test(value);
}

function ofEnds(fields: Fields): Fields {
  return fields.filter(([name]) => !HOPS.has(name));
}

/** Lists that are written anew, and Refer-To, of whose URI not all headers go on. */
function spaced(name: string, value: string): string {
  if (name === 'in-reply-to') return callIdsIn(value).join(', ');
  if (name === 'refer-to') return addressesIn(value).map(meaningOf).join();
  return value;
}

/** A field by what it means, tokens opened: both of before and after. */
function outsideMeaning([name, value]: Fields[number], tells: typeof isTold): Fields[number] {
  if (ADDRESSES.has(name)) {
    const all = addressesIn(value)
      .filter(({ uri }) => /^(?:sips?|tel):/i.test(uri))
      .map((address) => ({ ...address, parameters: address.parameters.filter(tells) }));
    return [name, all.map(meaningOf).join()];
  }
  if (!CALL_IDS.has(name)) return [name, value];
  if (name === 'in-reply-to') return [name, callIdsIn(value).map(opened).join(', ')];
  if (name === 'event') return [name, eventMeaning(value)];
  const [callId = '', ...parameters] = value.split(/(?=[ \t]*;)/);
  return [name, opened(callId) + parameters.join('')];
}

function eventMeaning(value: string): string {
  const [first = '', ...rest] = value.split(';');
  // A parameter list behind something that is no address.
  const [{ parameters }] = addressesIn([`<sip:a>`, ...rest].join(';')) as [SaidAddress];
  const meant = parameters.map(([name, text]) => [
    name,
    name === 'call-id' ? opened(text ?? '') : text,
  ]);
  return JSON.stringify([first.trim(), meant]);
}

function opened(text: string): string {
  const token = tokens.open(text);
  return token.ok ? token.value.value : text;
}

function meaningOf({ displayName, uri, parameters }: SaidAddress): string {
  const read = sipUriIn(uri);
  const user = read?.user ?? '';
  const inner = opened(user);
  const meant = inner === user ? uri : inner;
  const headers = (read?.headers ?? '').split('&').filter((header) => URI_HEADERS.test(header));
  // What is asked of a place stands beside the token, and is no part of the address (RFC 3515 §2.1).
  const method = parametersIn(read).filter(([name]) => name === 'method');
  return JSON.stringify([displayName, uriMeaning(meant), method, headers, parameters]);
}

/** Hosts and names of parameters are the same in any case, and with escapes or without (§19.1.4). */
function uriMeaning(uri: string): unknown {
  const read = sipUriIn(uri);
  if (read === undefined) return uri;
  const parameters = parametersIn(read).filter(([name]) => name !== 'method');
  return { ...read, parameters, headers: undefined };
}

function parametersIn(uri: ReturnType<typeof sipUriIn>): readonly (readonly string[])[] {
  return (uri?.parameters ?? []).map((parameter) => {
    const [name = '', ...value] = parameter.split('=');
    return [unescaped(name).toLowerCase(), ...value];
  });
}

function unescaped(text: string): string {
  return text.replace(/%([0-9A-F]{2})/gi, (triplet, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return /[\w.!~*'()-]/.test(character) ? character : triplet;
  });
}

/** The Via lines of a request that came from a peer at `address` and `port`, as we pass them on or give them back. */
export function viasReceived(request: Said, address: string, port: number): unknown {
  const [top, ...rest] = viasOf(request);
  assert.ok(top);
  const asks = top.parameters.some(([name]) => name === 'rport');
  const others = top.parameters.filter(([name]) => name !== 'received' && name !== 'rport');
  const received = ['received', address] as const;
  const rport = asks ? [['rport', `${port}`] as const] : [];
  return [{ ...top, parameters: [...others, received, ...rport] }, ...rest];
}

/** What our own answer must give back of a request (RFC 3261 §8.2.6.2). */
export function assertReflects(request: Said, answer: Said, address: string, port: number): void {
  assert.deepEqual(viasOf(answer), viasReceived(request, address, port));
  for (const name of ['from', 'call-id', 'cseq']) {
    assert.deepEqual(valuesOf(answer, name), valuesOf(request, name));
  }
  const [[asked], [told]] = [request, answer].map((message) =>
    addressesIn(valuesOf(message, 'to').join()),
  ) as [SaidAddress[], SaidAddress[]];
  const tag = parameterIn(asked?.parameters ?? [], 'tag');
  assert.ok(parameterIn(told?.parameters ?? [], 'tag'));
  const parameters = told?.parameters.slice(0, tag === undefined ? -1 : undefined);
  assert.deepEqual({ ...told, parameters }, asked);
}

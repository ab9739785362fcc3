import { type EntryView, nameInStream } from '../../ledger/render/entry-view.ts';
import type { FieldsLeft } from './fields-left.ts';
import { isOfSip } from './siem-events.ts';

const TCP = 6;
const INBOUND = 1;
const OUTBOUND = 2;
const UNKNOWN = 0;

/** What OCSF's class Network Activity says of both ends, the connection, its TLS and the traffic on it. */
export function networkOf(view: EntryView, left: FieldsLeft): object {
  const direction = directionOf(view, left);
  const peer = left.named('peerNode', 'name');
  const source = {
    ...endpointOf(left, 'source', 'sourcePort'),
    ...(direction === INBOUND && peer),
  };
  const destination = {
    ...endpointOf(left, 'destination', 'destinationPort'),
    ...(direction !== INBOUND && peer),
  };
  return {
    ...(isEmpty(source) ? {} : { src_endpoint: source }),
    // The class demands an end; where a record tells none, there is at least the node that wrote it.
    ...(isEmpty(source) && isEmpty(destination)
      ? { dst_endpoint: { name: view.node } }
      : isEmpty(destination)
        ? {}
        : { dst_endpoint: destination }),
    connection_info: connectionOf(view, left, direction),
    ...tlsOf(view, left),
    ...trafficOf(left),
    ...numberAs(left, 'durationMs', 'duration'),
    ...ruleOf(left),
    ...urlOf(left),
    ...(isOfSip(view) ? { app_name: 'sip' } : {}),
  };
}

function endpointOf(left: FieldsLeft, address: string, port: string): Record<string, unknown> {
  return { ...left.named(address, 'ip'), ...numberAs(left, port, 'port') };
}

function connectionOf(view: EntryView, left: FieldsLeft, direction: number): object {
  const connection = left.number('connection');
  return {
    direction_id: direction,
    protocol_name: 'tcp',
    protocol_num: TCP,
    ...(connection === undefined ? {} : { uid: nameInStream(view, connection) }),
  };
}

/** Which way messages go their type says, and no field. */
const DIRECTIONS: Readonly<Record<string, number>> = {
  'message-admitted': INBOUND,
  'message-refused': INBOUND,
  'message-answered': OUTBOUND,
  'message-sent': OUTBOUND,
  'response-received': INBOUND,
};

function directionOf({ type }: EntryView, left: FieldsLeft): number {
  const direction = left.text('direction');
  if (direction === undefined) return DIRECTIONS[type] ?? UNKNOWN;
  if (direction.startsWith('in')) return INBOUND;
  return direction.startsWith('out') ? OUTBOUND : UNKNOWN;
}

function tlsOf({ fields }: EntryView, left: FieldsLeft): object {
  if (fields['tlsVersion'] === undefined) return {};
  return {
    tls: {
      version: left.text('tlsVersion'),
      ...left.named('cipher', 'cipher'),
      ...left.named('serverName', 'sni'),
    },
  };
}

function trafficOf(left: FieldsLeft): object {
  const traffic = {
    ...numberAs(left, 'size', 'bytes'),
    ...numberAs(left, 'bytesReceived', 'bytes_in'),
    ...numberAs(left, 'bytesSent', 'bytes_out'),
  };
  return isEmpty(traffic) ? {} : { traffic };
}

function ruleOf(left: FieldsLeft): object {
  const rule = left.named('rule', 'name');
  return isEmpty(rule) ? {} : { firewall_rule: rule };
}

function urlOf(left: FieldsLeft): object {
  const url = left.named('requestUri', 'url_string');
  return isEmpty(url) ? {} : { url };
}

function numberAs(left: FieldsLeft, name: string, as: string): Record<string, number> {
  const value = left.number(name);
  return value === undefined ? {} : { [as]: value };
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}

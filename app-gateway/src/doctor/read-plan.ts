import { hash } from 'node:crypto';
import { parsedJson } from '@sallyport/shared/parsed-json.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { bindAddress, network } from '../config/word-schema.ts';
import { FLOW_KINDS, type NetworkPlan, PLAN_FORMAT } from '../plan/network-plan.ts';

/** A network plan as it lies in `matrix.json`, and the hash by which results say which plan they were made against. */
export interface KnownPlan {
  readonly plan: NetworkPlan;
  /** Of the file's bytes, hexadecimal. */
  readonly sha256: string;
}

/** More than 200 hosts with all their flows need. */
export const PLAN_BYTES_MAX = 16_777_216;

const zoneName = z.enum(['internet', 'outer-dmz', 'dmz', 'inner-dmz', 'intranet']);
const protocol = z.enum(['tcp', 'udp']);
const port = z.int().min(1).max(65_535);
const name = z.string().min(1).max(128);
const words = z.string().max(400);
const networks = z.array(network).max(512);
const end = z.object({ zone: zoneName, host: name.exactOptional(), networks });
const place = z.object({ address: bindAddress, port });

const planSchema = z.object({
  format: z.literal(PLAN_FORMAT),
  site: name,
  layout: z.enum(['dual-dmz', 'single-dmz', 'standalone']),
  zones: z
    .array(z.object({ name: zoneName, networks }))
    .min(2)
    .max(5),
  hosts: z
    .array(
      z.object({
        name,
        zone: zoneName,
        roles: z
          .array(
            z.enum([
              'proxy',
              'gateway',
              'balancer',
              'community',
              'database',
              'siem',
              'nameserver',
              'time-server',
              'directory',
              'service',
            ]),
          )
          .max(16),
        addresses: z.array(bindAddress).max(64),
        nodes: z.array(name).max(16),
      }),
    )
    .max(2000),
  sockets: z
    .array(z.object({ host: name, address: bindAddress, protocol, port, purpose: words }))
    .max(20_000),
  flows: z
    .array(
      z.object({
        id: words,
        kind: z.enum(FLOW_KINDS),
        purpose: words,
        from: end,
        to: end,
        protocol,
        ports: z.object({ first: port, last: port }),
        newPerSourcePerSecond: z.number().exactOptional(),
        nat: place.exactOptional(),
        via: name.exactOptional(),
        isLongLived: z.boolean(),
      }),
    )
    .max(20_000),
  firewalls: z
    .array(
      z.object({
        name,
        joins: z.array(zoneName).max(5),
        interfaces: z.partialRecord(zoneName, z.string().max(15)),
        crossings: z.array(z.object({ flowId: words, from: zoneName, to: zoneName })).max(40_000),
      }),
    )
    .max(16),
  balancers: z
    .array(
      z.object({
        host: name,
        kind: z.enum(['haproxy', 'keepalived', 'nftables', 'other']),
        mode: z.enum(['proxy-protocol', 'pass-through']),
        listen: place,
        targets: z
          .array(
            z.object({
              host: name,
              address: bindAddress,
              port,
              health: place.exactOptional(),
            }),
          )
          .max(64),
      }),
    )
    .max(16),
});

/** Reads `matrix.json`; the error says where it is wrong. */
export function readPlan(bytes: Buffer): Result<KnownPlan, string> {
  if (bytes.length > PLAN_BYTES_MAX) return err(`is larger than ${PLAN_BYTES_MAX} bytes`);
  const value = parsedJson(bytes.toString('utf8'));
  if (value === undefined) return err('is no JSON');
  const other = otherFormat(value);
  if (other !== undefined) return err(other);
  const parsed = planSchema.safeParse(value);
  if (parsed.success) return ok({ plan: parsed.data, sha256: hash('sha256', bytes) });
  const [issue] = parsed.error.issues;
  return err(`is no network plan: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}

/** Says which program to trust where a plan was written in another form than this program's. */
function otherFormat(value: unknown): string | undefined {
  const named = z.object({ format: z.string().max(64) }).safeParse(value).data?.format;
  const number = /^sallyport-network-plan-(\d{1,4})$/.exec(named ?? '')?.[1];
  if (named === undefined || number === undefined || named === PLAN_FORMAT) return undefined;
  return `has the form ${named}, and this program reads ${PLAN_FORMAT}: make the plan anew with "sallyport plan", and use programs of one version`;
}

import { matchesFingerprint, parseTypedFingerprint } from '@sallyport/certs/fingerprint.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import {
  type CertificationRequest,
  parseCertificationRequest,
} from '@sallyport/shared/x509/certification-request.ts';
import { formatChannelIdentity } from '@sallyport/shared/x509/channel-identity.ts';
import { decodePem } from '@sallyport/shared/x509/pem.ts';
import { z } from 'zod';
import { actorOf } from '../../domain/exchange/actor.ts';
import { approveNode } from '../../domain/exchange/node/approve-node.ts';
import { entryOf } from '../../domain/exchange/node/site-node.ts';
import { changeState } from '../change-state.ts';
import type { CommandDefinition } from '../command.ts';
import type { CommandRefusal } from '../command-refusal.ts';
import { bytesOf, name, type SentFile, sentFile } from '../parameter-schema.ts';
import { nextLine } from '../text-table.ts';
import { NODE_APPROVE } from './node-descriptions.ts';

const schema = z.strictObject({
  request: sentFile,
  node: name,
  role: z.enum(['proxy', 'gateway']),
  fingerprint: z.string().min(1).max(1000),
});

const DAY_MS = 86_400_000;

type Given = z.infer<typeof schema>;

interface Approved {
  readonly node: string;
  readonly role: 'proxy' | 'gateway';
  /** Of the key in the request. */
  readonly keyFingerprint: string;
  readonly serial: string;
  readonly endsAtMs: number;
  readonly chainPem: string;
}

/** Lets a host that made its own key belong to the site. */
export const nodeApprove: CommandDefinition<Given, Approved> = {
  ...NODE_APPROVE,
  schema,
  async run(context, { request: file, node, role, fingerprint }, author) {
    const request = checkedRequest(file, fingerprint, { site: context.site.name, node, role });
    if (!request.ok) return request;
    const { spki, keyFingerprint } = request.value;
    const entry = entryOf(context.site, node);
    if (entry?.role !== role) return err(notInSite(node, role));
    const approved = await changeState(context, (state) => {
      const actor = actorOf(author, state.operators);
      const certificateMs = context.site.channel.certificateDays * DAY_MS;
      const asked = { node, role, hosts: entry.hosts, keyFingerprint, certificateMs };
      const change = approveNode(state.nodes, asked, actor, context.nowMs());
      if (!change.ok) return err(change.error);
      const { record, events } = change.value;
      return ok({ change: { nodes: [record], events }, answer: record });
    });
    if (!approved.ok) return approved;
    // A node that was revoked before counts as one of the site again only in what is loaded now.
    await context.running.apply(approved.value.revision);
    const issued = await context.issueChannelCertificate(node, role, spki);
    if (!issued.ok) return err(notIssued(node, issued.error));
    const { serial, notAfterMs, chainPem } = issued.value;
    return ok({ node, role, keyFingerprint, serial, endsAtMs: notAfterMs, chainPem });
  },
  text: ({ node, role, endsAtMs }) =>
    [
      `${node} is approved as ${role}; its certificate is in ${node}.crt, good until ${new Date(endsAtMs).toISOString()}`,
      nextLine(`on the host: ${ENROLLER[role]} install ${node}.crt --bundle DIR`),
    ].join('\n'),
  files: ({ node, chainPem }) => [{ name: `${node}.crt`, text: chainPem }],
};

/** What makes requests and takes certificates on a host of each kind. */
const ENROLLER = { proxy: 'sallyport-dmz-proxy', gateway: 'sallyport node' } as const;

/** The request in a file, if its key is the one that was read out and its name the one that was given. */
function checkedRequest(
  file: SentFile,
  fingerprint: string,
  identity: { readonly site: string; readonly node: string; readonly role: 'proxy' | 'gateway' },
): Result<CertificationRequest, CommandRefusal> {
  const blocks = decodePem(bytesOf(file).toString('latin1'), 'CERTIFICATE REQUEST');
  const [der] = blocks;
  const request = parseCertificationRequest(der ?? Buffer.alloc(0));
  if (blocks.length !== 1 || !request.ok) {
    const reason = request.ok ? 'request-malformed' : request.error;
    return err({
      code: reason,
      message: `${file.name} is no certification request that can be used`,
      next: 'on the host: sallyport-dmz-proxy request --bundle DIR (a gateway: sallyport node request)',
    });
  }
  const typed = parseTypedFingerprint(fingerprint);
  if (!typed.ok || !matchesFingerprint(typed.value, request.value.keyFingerprint)) {
    return err({
      code: 'fingerprint-wrong',
      message: `the fingerprint is not that of the key in ${file.name}; nothing was issued`,
      next: 'have it read out at the host again; if it still differs, somebody changed the file on its way',
    });
  }
  const expected = formatChannelIdentity(identity);
  const [uri, ...others] = request.value.uris;
  if (uri === expected && others.length === 0) return ok(request.value);
  return err({
    code: 'request-name-other',
    message: `${file.name} asks for ${uri ?? 'no name'}, not for ${expected}`,
    next: 'give the name and role that the host itself has',
  });
}

function notInSite(node: string, role: string): CommandRefusal {
  return {
    code: 'node-unknown',
    message: `site.yaml has no ${role} ${node}`,
    next: 'add it to site.yaml, write the bundles and reload the gateways first',
  };
}

function notIssued(node: string, code: string): CommandRefusal {
  return {
    code,
    message: `${node} is approved, but this gateway could not issue: ${code}`,
    next: 'give the command once more; without an authority write the bundle of this gateway anew',
  };
}

import { isIP } from 'node:net';
import { createCertificateRequest, REQUESTED_KINDS } from '@sallyport/certs/certificate-request.ts';
import { err, ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import type { ProxyNode } from '../../config/site.ts';
import { domainName, hostName } from '../../config/word-schema.ts';
import { actorOf } from '../../domain/exchange/actor.ts';
import { addRequestedKey, nextKeyId } from '../../domain/exchange/identity/add-requested-key.ts';
import { keyName } from '../../domain/exchange/identity/identity-keys.ts';
import { changeState } from '../change-state.ts';
import type { AnswerFile, CommandDefinition } from '../command.ts';
import { name } from '../parameter-schema.ts';
import { nextLine } from '../text-table.ts';
import { CERT_REQUEST } from './cert-descriptions.ts';
import { type IdentityAnswer, identityView } from './identity-view.ts';

const schema = z.strictObject({
  identity: name,
  domain: z.array(domainName).min(1).max(100).optional(),
  host: z.array(hostName).max(100).optional(),
  serverName: z.array(domainName).max(1000).optional(),
  kind: z.enum(REQUESTED_KINDS).optional(),
  organization: z.string().min(1).max(64).optional(),
  publicCa: z.boolean().optional(),
});

interface Requested extends IdentityAnswer {
  readonly requestPem: string;
  /** SHA-256 of the request, to compare with whoever signs it. */
  readonly fingerprint: string;
  readonly files: readonly AnswerFile[];
}

/** Makes a key and asks for its certificate. */
export const certRequest: CommandDefinition<z.infer<typeof schema>, Requested> = {
  ...CERT_REQUEST,
  schema,
  async run(context, { identity, domain, host, serverName, kind, organization, publicCa }, author) {
    const { domains: ours, public: open, proxies } = context.site;
    // No CA needs to be asked for an address; a name that we write into dialogs must stand as a domain does: beside a sip URI no DNS name counts (RFC 5922 §7.1).
    const dialled = [open.host, ...advertisedHosts(proxies)].filter((name) => isIP(name) === 0);
    const [first = '', ...others] = domain ?? [...new Set([...ours, ...dialled])];
    const made = await createCertificateRequest({
      domains: [first, ...others],
      hosts: host ?? [],
      kind: kind ?? 'ec-p256',
      withSipUris: publicCa !== true,
      ...(organization !== undefined && { organization }),
    });
    const done = await changeState<Requested>(context, (state) => {
      const record = state.identities.find((known) => known.name === identity);
      const serverNames = serverName ?? (record === undefined ? [first, ...others] : undefined);
      const label = keyName(identity, nextKeyId(record ?? { keys: [] }));
      const added = addRequestedKey(
        state.identities,
        {
          identity,
          ...(serverNames !== undefined && { serverNames }),
          kind: kind ?? 'ec-p256',
          spki: made.spki,
          requestPem: made.requestPem,
          sealedKey: context.keys.seal(made.privateKeyPem, label),
        },
        actorOf(author, state.operators),
        context.nowMs(),
      );
      if (!added.ok) return err(added.error);
      const { record: changed, events, key } = added.value;
      const answer = {
        ...identityView(changed, state.partners),
        key,
        requestPem: made.requestPem,
        fingerprint: made.fingerprint,
        files: [{ name: `${identity}-${key}.csr`, text: made.requestPem }],
      };
      return ok({ change: { identities: [changed], events }, answer });
    });
    return done.ok ? ok(done.value.answer) : done;
  },
  text: ({ identity, key, fingerprint }) =>
    [
      `${identity}/${key} is made and waits for its certificate`,
      `SHA-256 of the request: ${fingerprint}`,
      nextLine(`send it to the CA, then: sallyport cert install ${identity} FILE --key ${key}`),
    ].join('\n'),
  files: ({ files }) => files,
};

/** Names that partners dial single listeners by. */
function advertisedHosts(proxies: readonly Pick<ProxyNode, 'listen'>[]): readonly string[] {
  const hosts = proxies.flatMap(({ listen }) =>
    listen.flatMap(({ advertise, transport }) =>
      advertise === undefined || transport === 'tcp' ? [] : [advertise.host],
    ),
  );
  return [...new Set(hosts)];
}

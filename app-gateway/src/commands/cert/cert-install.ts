import type { TrustProblem } from '@sallyport/certs/certificate-problems.ts';
import { checkInstalled } from '@sallyport/certs/check-installed.ts';
import { err, ok } from '@sallyport/shared/result.ts';
import { encodePem } from '@sallyport/shared/x509/pem.ts';
import { z } from 'zod';
import { actorOf } from '../../domain/exchange/actor.ts';
import { identityKeyIn } from '../../domain/exchange/identity/identity-keys.ts';
import { installCertificate } from '../../domain/exchange/identity/install-certificate.ts';
import { appliedLines } from '../applied-text.ts';
import { changeAndApply } from '../change-state.ts';
import type { CommandDefinition } from '../command.ts';
import { nextAfterFault } from '../file-fault-next.ts';
import { bytesOf, keyId, name, secret, sentFile } from '../parameter-schema.ts';
import { nextLine } from '../text-table.ts';
import { CERT_INSTALL } from './cert-descriptions.ts';
import { type IdentityAnswer, identityIn, identityView } from './identity-view.ts';

const WARN_BEFORE_MS = 30 * 86_400_000;

const schema = z.strictObject({
  identity: name,
  file: sentFile,
  key: keyId,
  anchors: sentFile.optional(),
  password: secret.optional(),
});

interface Installed extends IdentityAnswer {
  readonly problems: readonly TrustProblem[];
}

/** Gives a key the certificate that a CA issued for it, once it is found right. */
export const certInstall: CommandDefinition<z.infer<typeof schema>, Installed> = {
  ...CERT_INSTALL,
  schema,
  run(context, { identity, file, key, anchors, password }, author) {
    return changeAndApply(context, (state) => {
      const record = identityIn(state, identity);
      if (!record.ok) return record;
      const wanted = identityKeyIn(record.value, key, 'install', ['requested', 'ready', 'active']);
      if (!wanted.ok) return err(wanted.error);
      const { serverNames } = record.value;
      const own = context.site.domains.filter((domain) => serverNames.includes(domain));
      const checked = checkInstalled({
        answer: bytesOf(file),
        ...(password !== undefined && { password }),
        spki: wanted.value.spki,
        anchors: anchors === undefined ? [] : [bytesOf(anchors)],
        domains: own.length > 0 ? own : context.site.domains,
        nowMs: context.nowMs(),
        warnBeforeMs: WARN_BEFORE_MS,
      });
      if (!checked.ok) {
        return err({ ...checked.error, next: nextAfterFault(checked.error.code, 'CA') });
      }
      const { chain, anchor, problems } = checked.value;
      const pem = (certificate: (typeof chain)[number]) =>
        encodePem(certificate.der, 'CERTIFICATE');
      const installed = installCertificate(
        record.value,
        {
          key,
          chainPem: chain.map(pem).join(''),
          anchorsPem: anchor === undefined ? '' : pem(anchor),
          problems: problems.flatMap(({ severity, message }) =>
            severity === 'note' ? [] : [{ severity, message }],
          ),
        },
        actorOf(author, state.operators),
        context.nowMs(),
      );
      if (!installed.ok) {
        return err({ ...installed.error, detail: { ...installed.error.detail, found: problems } });
      }
      const { record: changed, events } = installed.value;
      const answer = { ...identityView(changed, state.partners), key, problems };
      return ok({ change: { identities: [changed], events }, answer });
    });
  },
  text({ identity, key, keys, problems, applied }) {
    const isNext = keys.find(({ id }) => id === key)?.state === 'ready';
    return [
      `${identity}/${key} has its certificate`,
      ...problems.map(({ severity, message }) => `  ${severity}: ${message}`),
      ...(applied === undefined ? [] : appliedLines(applied)),
      nextLine(
        isNext
          ? `sallyport partner offer PARTNER for each, then: sallyport cert activate ${identity} --key ${key}`
          : 'sallyport cert list',
      ),
    ].join('\n');
  },
};

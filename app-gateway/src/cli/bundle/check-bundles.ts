import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { certificatesOfPem } from '@sallyport/shared/x509/pem-certificates.ts';
import { checkDates } from '../../config/check-anchors.ts';
import {
  type ChannelFiles,
  checkChannelCertificate,
} from '../../config/check-channel-certificate.ts';
import type { Site } from '../../config/site.ts';
import type { SiteProblem } from '../../config/site-problem.ts';

const REMEDY = 'write new bundles with "sallyport bundle" and copy them to their hosts';

/**
 * What is doubtful about the channel certificates in a site's `hosts/` folder, as far as bundles lie there.
 *
 * All are warnings: the site's own files are right, and bundles written anew mend it. How old a node's certificate
 * is does not matter here, since a running host has renewed its own.
 */
export async function checkBundles(
  folder: string,
  site: Site,
  nowMs: number,
): Promise<readonly SiteProblem[]> {
  const nodes = [
    ...site.proxies.map(({ node }) => ({ site: site.name, role: 'proxy', node }) as const),
    ...site.gateways.map(({ node }) => ({ site: site.name, role: 'gateway', node }) as const),
  ];
  const problems: SiteProblem[] = [];
  for (const node of nodes) {
    const bundle = join(folder, 'hosts', node.node);
    const files = await channelFiles(bundle);
    if (files === undefined) continue;
    const found = [
      ...checkChannelCertificate(files, node, nowMs, 'copy'),
      ...(await issuingDates(bundle, nowMs)),
    ];
    for (const { file, message } of found) {
      // The authority's own certificate is only copied into bundles.
      const remedy = file === 'channel-ca.crt' ? '' : `; ${REMEDY}`;
      problems.push({
        severity: 'warning',
        file: `hosts/${node.node}/${file}`,
        path: '',
        message: `${message}${remedy}`,
      });
    }
  }
  return problems;
}

/** Undefined where no bundle has been written yet; what is missing in one reads as empty. */
async function channelFiles(bundle: string): Promise<ChannelFiles | undefined> {
  const read = (name: string) => readFile(join(bundle, name), 'utf8').catch(() => undefined);
  const certificatePem = await read('channel.crt');
  if (certificatePem === undefined) return undefined;
  return {
    certificatePem,
    keyPem: (await read('channel.key')) ?? '',
    caPem: (await read('channel-ca.crt')) ?? '',
  };
}

/** Nobody renews the authority that a gateway issues with but who writes bundles. */
async function issuingDates(bundle: string, nowMs: number) {
  const file = 'channel-issuing.crt';
  const pem = await readFile(join(bundle, file), 'utf8').catch(() => '');
  return certificatesOfPem(pem)
    .flatMap((authority) => checkDates(authority, 'the authority', nowMs))
    .map(({ message }) => ({ file, message }));
}

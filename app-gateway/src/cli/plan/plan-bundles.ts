import { X509Certificate } from 'node:crypto';
import { openIssuingAuthority } from '@sallyport/certs/site-root.ts';
import { firstOfPem } from '@sallyport/shared/x509/pem-certificates.ts';
import { renewalDueMs } from '@sallyport/shared/x509/renewal-time.ts';
import type { SiteFolder } from '../../adapters/files/site-folder.ts';
import { checkChannelCertificate } from '../../config/check-channel-certificate.ts';
import type { Site } from '../../config/site.ts';
import type { NetworkPlan } from '../../plan/network-plan.ts';
import { withSums } from '../bundle/bundle-sums.ts';
import {
  type BundleSecrets,
  type PlannedBundle,
  planGatewayBundle,
  planProxyBundle,
  siteCopies,
} from '../bundle/plan-bundle.ts';
import { issuingSealKey } from '../bundle/site-secrets.ts';
import type { PlannedFile } from '../files/planned-file.ts';

/** What the bundles of a plan are made of. */
export interface PlanBundleSource {
  readonly site: Site;
  readonly read: SiteFolder;
  readonly secrets: BundleSecrets;
  readonly plan: NetworkPlan;
  readonly nowMs: number;
}

/**
 * The bundles of every host, as `hosts/<host>/<node>/…`.
 *
 * Gateways always get their channel key: they hold the authority that issues such keys anyway. A proxy makes its own
 * unless `secrets.withKeys`. What is different each time it is made (a sealed key, a certificate) stays as it was in
 * the earlier plan while it still fits.
 */
export async function planBundles(
  source: PlanBundleSource,
  earlier: ReadonlyMap<string, string>,
): Promise<readonly PlannedFile[]> {
  const { site, read, secrets, nowMs } = source;
  const copies = siteCopies(read);
  const ofGateways = { ...secrets, withKeys: true };
  const bundles = await Promise.all([
    ...site.proxies.map((proxy) => planProxyBundle(site, proxy, secrets, nowMs)),
    ...site.gateways.map((gateway) => planGatewayBundle(site, gateway, copies, ofGateways, nowMs)),
  ]);
  return bundles.flatMap((bundle) => {
    const folder = bundleFolder(source.plan, bundle.node);
    const old = (name: string) => earlier.get(`${folder}/${name}`);
    return withSums(settled(bundle, old, source)).map((file) => ({
      ...file,
      path: `${folder}/${file.path}`,
    }));
  });
}

/** Folders of gateways' partner files, with the time that says when one was last removed. */
export function partnerFolders({ site, read, plan }: PlanBundleSource) {
  const changedMs = read.changedMs.get('partners');
  if (changedMs === undefined) return [];
  return site.gateways.map(({ node }) => ({
    path: `${bundleFolder(plan, node)}/partners`,
    changedMs,
  }));
}

function bundleFolder({ hosts }: NetworkPlan, node: string): string {
  const host = hosts.find(({ nodes }) => nodes.includes(node));
  if (host === undefined) throw new Error(`${node} is on no host of the plan`);
  return `hosts/${host.name}/${node}`;
}

type Earlier = (name: string) => string | undefined;

function settled(
  bundle: PlannedBundle,
  old: Earlier,
  source: PlanBundleSource,
): readonly PlannedFile[] {
  const kept = new Map([...keptCertificate(bundle, old, source), ...keptSeal(bundle, old, source)]);
  return bundle.files.map((file) => ({ ...file, text: kept.get(file.path) ?? file.text }));
}

type Kept = readonly (readonly [path: string, text: string])[];

/** The certificate of the earlier plan, unless it is due for renewal, of another authority or for other names. */
function keptCertificate(
  { node, role, files }: PlannedBundle,
  old: Earlier,
  { site, secrets, nowMs }: PlanBundleSource,
): Kept {
  const fresh = files.find(({ path }) => path === 'channel.crt')?.text;
  const [certificatePem, keyPem] = [old('channel.crt'), old('channel.key')];
  if (fresh === undefined || certificatePem === undefined || keyPem === undefined) return [];
  const channel = { certificatePem, keyPem, caPem: secrets.siteRoot.certificatePem };
  const identity = { site: site.name, role, node };
  const isWrong = checkChannelCertificate(channel, identity, nowMs).some(
    ({ severity }) => severity === 'error',
  );
  const isOfAuthority = certificatePem.endsWith(secrets.issuingAuthority.certificatePem);
  const earlier = firstOfPem(certificatePem);
  const isDue = earlier === undefined || nowMs >= renewalDueMs(earlier);
  if (isWrong || isDue || !isOfAuthority || namesOf(certificatePem) !== namesOf(fresh)) return [];
  return [
    ['channel.crt', certificatePem],
    ['channel.key', keyPem],
  ];
}

/** The sealed authority of the earlier plan, if it holds the same key. */
function keptSeal({ role }: PlannedBundle, old: Earlier, { secrets }: PlanBundleSource): Kept {
  const [certificatePem, sealedKey] = [old('channel-issuing.crt'), old('channel-issuing.key')];
  if (role !== 'gateway' || certificatePem === undefined || sealedKey === undefined) return [];
  const opened = openIssuingAuthority(
    { certificatePem, sealedKey: sealedKey.trim() },
    issuingSealKey(secrets.clusterKey),
  );
  const { issuingAuthority } = secrets;
  const isSame =
    opened.ok &&
    opened.value.privateKeyPem === issuingAuthority.privateKeyPem &&
    certificatePem === issuingAuthority.certificatePem;
  return isSame ? [['channel-issuing.key', sealedKey]] : [];
}

function namesOf(pem: string): string {
  return new X509Certificate(pem).subjectAltName ?? '';
}

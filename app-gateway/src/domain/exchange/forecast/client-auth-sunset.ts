import type { Certificate } from '@sallyport/shared/x509/certificate.ts';

/** As `DistinguishedName` spells an attribute. */
const ORGANISATION = '2.5.4.10="';

/** No public CA may issue clientAuth in TLS certificates any more (Chrome Root Program Policy 1.8). */
const ALL_PUBLIC_MS = Date.UTC(2027, 2, 15);

/** Public CAs by the organisation in their certificates' subject, and when they stop if that is earlier. */
const PUBLIC: readonly (readonly [organisation: string, untilMs: number])[] = [
  ['internet security research group', Date.UTC(2026, 6, 8)],
  ["let's encrypt", Date.UTC(2026, 6, 8)],
  ['sectigo limited', Date.UTC(2027, 1, 10)],
  ['comodo ca limited', Date.UTC(2027, 1, 10)],
  ['the usertrust network', Date.UTC(2027, 1, 10)],
  ['digicert inc', Date.UTC(2027, 2, 1)],
  ['digicert, inc.', Date.UTC(2027, 2, 1)],
  ['geotrust inc.', Date.UTC(2027, 2, 1)],
  ['thawte, inc.', Date.UTC(2027, 2, 1)],
  ['amazon', ALL_PUBLIC_MS],
  ['asseco data systems s.a.', ALL_PUBLIC_MS],
  ['buypass as-983163327', ALL_PUBLIC_MS],
  ['certainly', ALL_PUBLIC_MS],
  ['d-trust gmbh', ALL_PUBLIC_MS],
  ['entrust, inc.', ALL_PUBLIC_MS],
  ['globalsign', ALL_PUBLIC_MS],
  ['globalsign nv-sa', ALL_PUBLIC_MS],
  ['godaddy.com, inc.', ALL_PUBLIC_MS],
  ['google trust services', ALL_PUBLIC_MS],
  ['google trust services llc', ALL_PUBLIC_MS],
  ['hellenic academic and research institutions ca', ALL_PUBLIC_MS],
  ['identrust', ALL_PUBLIC_MS],
  ['quovadis limited', ALL_PUBLIC_MS],
  ['ssl corporation', ALL_PUBLIC_MS],
  ['starfield technologies, inc.', ALL_PUBLIC_MS],
  ['swisssign ag', ALL_PUBLIC_MS],
];
const SUNSETS = new Map(PUBLIC);

/**
 * When a public CA issues the last certificate with clientAuth; undefined for a CA that is not known as public.
 *
 * CAs have moved their dates before. Certificates issued earlier stay good until they end.
 */
export function clientAuthSunset({ subjectName }: Certificate): number | undefined {
  for (const rdn of subjectName.rdns) {
    if (rdn.startsWith(ORGANISATION)) return SUNSETS.get(rdn.slice(ORGANISATION.length));
  }
  return undefined;
}

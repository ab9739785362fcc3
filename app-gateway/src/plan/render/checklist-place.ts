import { bracketed } from '@sallyport/shared/net/host-port.ts';
import type { PlanHost } from '../network-plan.ts';

/** Where everything lies on a host until it is in place, and where commands are given there; root's alone. */
export const STAGE = '/srv/sallyport-setup';

type Placed = Pick<PlanHost, 'addresses'>;

/** Whom `scp` and `rsync` log in as, and where. */
export function loginAt({ addresses: [address = ''] }: Placed): string {
  return `root@${bracketed(address)}`;
}

/** The same for `ssh`, which knows no brackets. */
export function shellAt({ addresses: [address = ''] }: Placed): string {
  return `root@${address}`;
}

/** A file, or the folder itself, in that place on a host, as `scp` and `rsync` name it. */
export function stagedAt(host: Placed, file = ''): string {
  return `${loginAt(host)}:${STAGE}/${file}`;
}

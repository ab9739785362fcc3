import type { SnapshotContent } from '@sallyport/shared/channel/snapshot.ts';
import { FakeGateway } from './fake-gateway.ts';
import { ProxyProcess } from './proxy-process.ts';
import { type ProxySite, proxySite } from './proxy-site.ts';

/** A site with a proxy that is ready for partners and a gateway that has configured it. */
export interface RunningProxy {
  readonly site: ProxySite;
  readonly proxy: ProxyProcess;
  readonly gateway: FakeGateway;
  readonly port: number;
  readonly channelPort: number;
  readonly healthPort: number;
  stop(): Promise<number | null>;
}

export async function runningProxy(
  change: (content: SnapshotContent) => SnapshotContent = (content) => content,
  configuration: Readonly<Record<string, unknown>> = {},
): Promise<RunningProxy> {
  const site = await proxySite(configuration);
  const proxy = new ProxyProcess(site.folder);
  const { channelPort, healthPort } = await proxy.line('waiting-for-snapshot');
  const gateway = await FakeGateway.connect(site, Number(channelPort));
  const result = await gateway.configure(site.sign(change(site.snapshot)));
  if (!result.accepted) throw new Error(`snapshot refused: ${result.reason}`);
  const { ports } = await proxy.line('ready');
  return {
    site,
    proxy,
    gateway,
    port: Number(String(ports).split(',')[0]),
    channelPort: Number(channelPort),
    healthPort: Number(healthPort),
    stop: async () => {
      gateway.stop();
      const status = await proxy.stop();
      site.remove();
      return status;
    },
  };
}

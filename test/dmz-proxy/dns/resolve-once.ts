import { DnsResolver } from '@sallyport/dmz-proxy/dns/resolver.ts';

/** A program for the resolver's tests: asks the name server given for one address and prints it. */
let code = '';
const resolver = new DnsResolver({
  timeoutMs: 1000,
  tries: 1,
  locateTimeoutMs: 5000,
  cacheMax: { entries: 10, bytes: 1_048_576 },
  pendingMax: 10,
  nowMs: () => performance.now(),
  failed: (reason) => {
    code = reason;
  },
});
const askThem = resolver.prepare([process.argv[2] ?? '']);
if (askThem.ok) askThem.value();
const answer = await resolver.ask({ type: 'A', name: 'v4.example' }, 'globex');
console.log(answer.kind === 'addresses' ? `found ${answer.addresses[0]}` : `failed ${code}`);

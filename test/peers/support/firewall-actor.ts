import { connect, createServer } from 'node:net';

/** What a host of the firewall's bench does: listens, or connects and prints as what address it was seen. */
const [task = '', host = '', port = ''] = process.argv.slice(2);
const TRY_MS = 700;
const AT_ONCE = 100;

if (task === 'listen') {
  createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end(socket.remoteAddress ?? '');
  }).listen(Number(port), host);
} else if (task === 'await') {
  while ((await seenAs()) === 'nothing') {
    await new Promise((resolve) => setImmediate(resolve));
  }
} else if (task === 'burst') {
  const seen = await Promise.all(Array.from({ length: AT_ONCE }, () => seenAs()));
  console.log(seen.filter((address) => address !== 'nothing').length);
} else {
  console.log(await seenAs(/^connect-from-(.+)$/.exec(task)?.[1]));
}

/** The address that the other side saw, or `nothing` where no connection came about in time. */
function seenAs(localAddress?: string): Promise<string> {
  const from = localAddress === undefined ? {} : { localAddress };
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port), ...from });
    let text = '';
    const end = (result: string) => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(TRY_MS, () => end('nothing'));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('end', () => end(text));
    socket.on('error', () => end('nothing'));
  });
}

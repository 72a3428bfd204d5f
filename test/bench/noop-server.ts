import { createServer } from 'node:net';

/** An MLLP server that reads MSH-10 and acknowledges, and does nothing else: what the sockets alone allow. Prints its port. */
const END = Buffer.from([0x1c, 0x0d]);
const server = createServer((socket) => {
  socket.setNoDelay(true);
  let pending = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    for (let end = pending.indexOf(END); end >= 0; end = pending.indexOf(END)) {
      const head = pending.subarray(1, Math.min(end, 200)).toString('latin1').split('|');
      socket.write(`\u000bMSH|^~\\&|NOOP|NOOP|HIS|HIS|20261122||ACK|${String(Date.now())}|P|2.5\rMSA|AA|${head[9] ?? ''}\r\u001c\r`);
      pending = pending.subarray(end + 2);
    }
  });
  socket.on('error', () => { socket.destroy(); });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${String(typeof address === 'object' && address !== null ? address.port : 0)}\n`);
});

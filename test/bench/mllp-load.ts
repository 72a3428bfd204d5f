import { connect, type Socket } from 'node:net';

export interface LoadResult {
  readonly messages: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** answers that were not AA */
  readonly refused: number;
}

const END = Buffer.from([0x1c, 0x0d]);

/**
 * Closed loop: each connection sends one message, waits for its acknowledgement, sends the next.
 * @param make gives the next message as bytes without frame; called once per message
 */
export async function mllpLoad(target: { readonly host: string; readonly port: number }, options: { readonly connections: number; readonly seconds: number; readonly make: () => Buffer }): Promise<LoadResult> {
  const latencies: number[] = [];
  let refused = 0;
  const started = performance.now();
  const until = started + options.seconds * 1_000;
  await Promise.all(Array.from({ length: options.connections }, async () => {
    const socket = await open(target);
    try {
      while (performance.now() < until) {
        const sent = performance.now();
        const ack = await exchange(socket, options.make());
        latencies.push(performance.now() - sent);
        if (!ack.includes('MSA|AA')) refused += 1;
      }
    } finally {
      socket.destroy();
    }
  }));
  const seconds = (performance.now() - started) / 1_000;
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => Number((latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0).toFixed(2));
  return { messages: latencies.length, seconds: Number(seconds.toFixed(2)), perSecond: Math.round(latencies.length / seconds), p50Ms: at(0.5), p99Ms: at(0.99), refused };
}

function open(target: { readonly host: string; readonly port: number }): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(target.port, target.host, () => { socket.setNoDelay(true); resolve(socket); });
    socket.once('error', reject);
  });
}

function exchange(socket: Socket, message: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const fail = (): void => { reject(new Error('connection lost')); };
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk);
      const all = chunks.length === 1 ? chunk : Buffer.concat(chunks);
      if (!all.includes(END)) return;
      socket.off('data', onData);
      socket.off('close', fail);
      resolve(all.toString('latin1'));
    };
    socket.on('data', onData);
    socket.once('close', fail);
    socket.write(Buffer.concat([Buffer.from([0x0b]), message, END]));
  });
}

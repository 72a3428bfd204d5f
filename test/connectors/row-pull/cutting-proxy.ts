import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/**
 * A line to a database that is cut again and again: after so many bytes of answers, in the middle of whatever they carry. Sometimes
 * the cut is a reset, sometimes the line just goes silent, as a cable that was pulled.
 */
export class CuttingProxy {
  cuts = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(target: string, private readonly nextCut: () => { readonly afterBytes: number; readonly silent: boolean }) {
    this.#server = createServer((client) => { this.#carry(client, connect(target)); });
  }

  /** @param target path of the server's socket; `nextCut` is asked once a connection, Infinity leaves it alone */
  static async open(target: string, nextCut: () => { readonly afterBytes: number; readonly silent: boolean }): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(target, nextCut);
    await new Promise<void>((resolve) => { proxy.#server.listen(0, '127.0.0.1', resolve); });
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => { this.#server.close(() => { resolve(); }); });
  }

  #carry(client: Socket, server: Socket): void {
    const { afterBytes, silent } = this.nextCut();
    let left = afterBytes;
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => {
        this.#sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    client.on('data', (chunk) => { server.write(chunk); });
    server.on('data', (chunk) => {
      if (left <= 0) return;
      const part = chunk.subarray(0, left);
      left -= chunk.length;
      client.write(part);
      if (left > 0) return;
      this.cuts += 1;
      if (!silent) client.destroy();
    });
  }
}

import { connect, type Socket } from 'node:net';
import type { DemoItem } from './demo-parts.ts';

const END = Buffer.from([0x1c, 0x0d]);
const ANSWER_MS = 15_000;

/** The HIS of the demonstration: sends one thing after the other and reads the answers. */
export class DemoHis {
  #socket: Socket | undefined;

  constructor(readonly target: { readonly http: string; readonly mllpPort: number; readonly token: string }) {}

  /** @returns MSA-1, or the event's `status`; `no answer` when none came */
  async send(item: DemoItem): Promise<string> {
    try {
      return item.via === 'mllp' ? await this.#mllp(item.bytes) : await this.#rest(item.event);
    } catch (error) {
      return `no answer (${(error as Error).message})`;
    }
  }

  close(): void {
    this.#socket?.destroy();
  }

  async #rest(event: unknown): Promise<string> {
    const reply = await fetch(`${this.target.http}/api/v1/events`, {
      method: 'POST', body: JSON.stringify(event), headers: { 'content-type': 'application/json', authorization: `Bearer ${this.target.token}` },
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    if (reply.status !== 200) return `HTTP ${String(reply.status)}`;
    const { results } = await reply.json() as { readonly results: readonly { readonly status: string }[] };
    return results[0]?.status ?? 'empty';
  }

  async #mllp(message: Uint8Array): Promise<string> {
    const socket = this.#socket ??= await dial(this.target.mllpPort);
    const answer = answerOf(socket);
    socket.write(Buffer.concat([Buffer.from([0x0b]), message, END]));
    return /(?:^|\r)MSA\|([A-Z]{2})/.exec(await answer)?.[1] ?? 'unreadable';
  }
}

function dial(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => { resolve(socket); });
    socket.once('error', reject);
  });
}

function answerOf(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const done = (settle: () => void): void => {
      clearTimeout(timer);
      socket.off('data', onData);
      socket.off('close', onClose);
      settle();
    };
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk);
      const all = Buffer.concat(chunks);
      if (all.includes(END)) done(() => { resolve(all.toString('latin1').slice(1)); });
    };
    const onClose = (): void => { done(() => { reject(new Error('connection closed')); }); };
    const timer = setTimeout(() => { done(() => { reject(new Error('timeout')); }); }, ANSWER_MS);
    socket.on('data', onData);
    socket.once('close', onClose);
  });
}

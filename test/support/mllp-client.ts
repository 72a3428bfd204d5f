import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { waitFor } from './wait-for.ts';

/** A sender: writes raw bytes, gathers answers. Understands nothing but the frame bytes, so that it cannot share a fault with the product. */
export class MllpClient {
  #received = Buffer.alloc(0);
  closed = false;

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => { this.#received = Buffer.concat([this.#received, chunk]); });
    socket.on('error', () => undefined);
    // the other side may only close its half
    socket.on('end', () => { this.closed = true; });
    socket.on('close', () => { this.closed = true; });
  }

  static async open(port: number, host = '127.0.0.1'): Promise<MllpClient> {
    const socket = connect({ port, host, allowHalfOpen: true });
    socket.setNoDelay(true);
    const client = new MllpClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', () => { resolve(); });
      socket.once('error', reject);
    });
    return client;
  }

  /** payloads between VT and FS CR received so far */
  get answers(): Buffer[] {
    const answers: Buffer[] = [];
    let from = 0;
    for (;;) {
      const start = this.#received.indexOf(0x0b, from);
      const end = this.#received.indexOf(Buffer.of(0x1c, 0x0d), start + 1);
      if (start < 0 || end < 0) return answers;
      answers.push(this.#received.subarray(start + 1, end));
      from = end + 2;
    }
  }

  /** whether the bytes received so far hold that text */
  holds(text: string): boolean {
    return this.#received.includes(text);
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      if (this.socket.destroyed) resolve();
      else this.socket.write(bytes, () => { resolve(); });
    });
  }

  send(payload: Uint8Array): Promise<void> {
    return this.write(frameOf(payload));
  }

  /** @returns the answers once there are that many */
  async receive(count: number, what = `${String(count)} answers`): Promise<Buffer[]> {
    await waitFor(what, () => this.answers.length >= count);
    return this.answers;
  }

  /** sends one message and returns its answer as text */
  async ask(payload: Uint8Array, charset = 'utf-8'): Promise<string> {
    const before = this.answers.length;
    await this.send(payload);
    const answers = await this.receive(before + 1);
    return new TextDecoder(charset).decode(answers[before]);
  }

  end(): void {
    this.socket.end();
  }

  close(): void {
    this.socket.destroy();
  }
}

export function frameOf(payload: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(0x0b), payload, Buffer.of(0x1c, 0x0d)]);
}

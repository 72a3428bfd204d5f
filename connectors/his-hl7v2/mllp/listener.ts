import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { TraceError } from '../../../adapter/domain/error.ts';
import type { Log } from '../../../adapter/ports/log.ts';
import { MllpConnection } from './connection.ts';
import type { ConnectionLimits, Work } from './connection.ts';
import type { DecodedFrame } from './frame-decoder.ts';

export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly limits: ConnectionLimits & { readonly maxConnections: number; readonly maxPerAddress: number };
}

export interface ListenerDeps {
  readonly log: Log;
  readonly count: (metric: string, labels: Readonly<Record<string, string>>) => void;
  /** @returns what to do with the frames of a peer; called once per connection */
  readonly serve: (address: string) => (frame: DecodedFrame) => readonly Work[];
}

const STOP_MS = 5_000;
/** one warning about refused connections in this time, however many there are */
const WARN_EVERY_MS = 10_000;

/** MLLP server: listens on the configured host only, keeps the caps, watches the timeouts. */
export class MllpListener {
  private readonly server: Server;
  private readonly connections = new Map<MllpConnection, string>();
  private readonly perAddress = new Map<string, number>();
  private sweeper: NodeJS.Timeout | undefined;
  private warnedAt = -WARN_EVERY_MS;
  private whenEmpty: (() => void) | undefined;

  constructor(private readonly options: ListenerOptions, private readonly deps: ListenerDeps) {
    // a sender that closes its half after the message still gets its answer
    this.server = createServer({ allowHalfOpen: true }, (socket) => { this.admit(socket); });
  }

  /** @throws TraceError PORT_IN_USE, or CONFIG_INVALID when the address cannot be listened on */
  async start(): Promise<void> {
    await listen(this.server, this.options);
    this.server.on('error', (fault) => { this.deps.log.error('hl7 listener fault', { fault: fault.message }); });
    const { idleTimeoutMs, frameTimeoutMs } = this.options.limits;
    this.sweeper = setInterval(() => { this.sweep(); }, Math.min(100, Math.max(5, Math.min(idleTimeoutMs, frameTimeoutMs) / 4)));
    this.sweeper.unref();
  }

  get port(): number {
    const address = this.server.address();
    return address === null || typeof address === 'string' ? this.options.port : address.port;
  }

  get isListening(): boolean { return this.server.listening; }

  get openConnections(): number { return this.connections.size; }

  /** Takes no new connection, answers what has arrived, closes; at most 5 s. */
  async stop(): Promise<void> {
    if (!this.server.listening) return;
    const closed = new Promise<void>((resolve) => { this.server.close(() => { resolve(); }); });
    for (const connection of this.connections.keys()) connection.finish();
    if (this.connections.size > 0) await this.emptied();
    for (const connection of this.connections.keys()) connection.destroy();
    await closed;
    clearInterval(this.sweeper);
  }

  private emptied(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, STOP_MS);
      this.whenEmpty = () => { clearTimeout(timer); resolve(); };
    });
  }

  private admit(socket: Socket): void {
    const address = plainAddress(socket.remoteAddress);
    const { limits } = this.options;
    const here = this.perAddress.get(address) ?? 0;
    if (this.connections.size >= limits.maxConnections || here >= limits.maxPerAddress || address === '') {
      socket.on('error', () => undefined);
      socket.destroy();
      this.deps.count('his_trace_hl7_connections_refused_total', {});
      this.warnRefused(address);
      return;
    }
    this.perAddress.set(address, here + 1);
    const connection: MllpConnection = new MllpConnection(socket, {
      limits,
      onFrame: this.deps.serve(address),
      onDropped: (reason) => {
        this.deps.count('his_trace_hl7_connections_dropped_total', { reason });
        this.deps.log.info('hl7 connection closed', { peer: address, reason });
      },
      onClosed: () => { this.forget(connection, address); },
    });
    this.connections.set(connection, address);
    connection.start();
  }

  private forget(connection: MllpConnection, address: string): void {
    if (!this.connections.delete(connection)) return;
    const left = (this.perAddress.get(address) ?? 1) - 1;
    if (left > 0) this.perAddress.set(address, left);
    else this.perAddress.delete(address);
    if (this.connections.size === 0) this.whenEmpty?.();
  }

  private sweep(): void {
    const now = performance.now();
    for (const connection of this.connections.keys()) connection.checkTimeouts(now);
  }

  private warnRefused(peer: string): void {
    const now = performance.now();
    if (now - this.warnedAt < WARN_EVERY_MS) return;
    this.warnedAt = now;
    this.deps.log.warn('hl7 connection refused: too many connections', { peer, open: this.connections.size });
  }
}

/** @returns the address without the IPv6 wrapping of IPv4; '' when the peer is already gone */
function plainAddress(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:(?=\d+\.)/i, '');
}

/** Opens a server on host and port. @throws TraceError PORT_IN_USE or CONFIG_INVALID */
export function listen(server: Server, at: { readonly host: string; readonly port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (fault: NodeJS.ErrnoException): void => { reject(listenFault(fault, at)); };
    server.once('error', failed);
    server.listen({ host: at.host, port: at.port, exclusive: true }, () => {
      server.removeListener('error', failed);
      resolve();
    });
  });
}

function listenFault(fault: NodeJS.ErrnoException, at: { readonly host: string; readonly port: number }): TraceError {
  const where = `${at.host}:${String(at.port)}`;
  if (fault.code === 'EADDRINUSE') return new TraceError('PORT_IN_USE', where, { cause: fault });
  const reason = fault.code === 'EACCES' ? `无权监听 ${where}（1024 以下的端口需要管理员权限）` : `不能监听 ${where}（${fault.code ?? 'UNKNOWN'}），请核对 host 是否为本机地址`;
  return new TraceError('CONFIG_INVALID', reason, { cause: fault });
}

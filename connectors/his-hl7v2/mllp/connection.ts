import type { Socket } from 'node:net';
import { encodeFrame } from './frame.ts';
import { FrameDecoder } from './frame-decoder.ts';
import type { DecodedFrame } from './frame-decoder.ts';

/** One message to be worked on: runs once, answers the payloads to send back, in order. Must not reject. */
export type Work = () => Promise<readonly Buffer[]>;

export interface ConnectionLimits {
  readonly maxFrameBytes: number;
  readonly maxInFlight: number;
  readonly idleTimeoutMs: number;
  readonly frameTimeoutMs: number;
}

export interface ConnectionDeps {
  readonly limits: ConnectionLimits;
  /** what a frame asks for; one entry per message in it */
  readonly onFrame: (frame: DecodedFrame) => readonly Work[];
  /** the connection ended by our decision */
  readonly onDropped: (reason: DropReason) => void;
  readonly onClosed: () => void;
}

export type DropReason = 'idle' | 'frame-timeout' | 'not-mllp' | 'peer-not-reading' | 'fault';

/** Bytes without any frame in them: it is not MLLP that is spoken there. */
const MAX_GARBAGE_BYTES = 65_536;
/** after FS with no CR behind it, this much silence ends the frame */
const LOOSE_END_MS = 250;

/** how long a closing connection waits for the peer to close its side */
const LINGER_MS = 500;

interface Slot { answer: readonly Buffer[] | undefined }

/**
 * One MLLP connection: frames in, answers out in the order of the messages, at most `maxInFlight` messages under way. While more
 * wait, the socket is not read, so a fast sender waits in the network and memory stays flat.
 */
export class MllpConnection {
  private readonly decoder: FrameDecoder;
  private readonly waiting: Work[] = [];
  private readonly slots: Slot[] = [];
  private inFlight = 0;
  private lastByteAt = performance.now();
  private frameSince = 0;
  private blockedSince = 0;
  private inputEnded = false;
  private closing = false;
  private closed = false;

  constructor(private readonly socket: Socket, private readonly deps: ConnectionDeps) {
    this.decoder = new FrameDecoder({ maxFrameBytes: deps.limits.maxFrameBytes });
  }

  start(): void {
    const { socket } = this;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    socket.on('data', (chunk: Buffer) => { this.guarded(() => { this.take(chunk); }); });
    socket.on('end', () => { this.guarded(() => { this.endInput(); }); });
    socket.on('drain', () => { this.blockedSince = 0; this.guarded(() => { this.pump(); }); });
    // without a listener a reset by the peer would end the process
    socket.on('error', () => undefined);
    socket.on('close', () => { this.closed = true; this.waiting.length = 0; this.deps.onClosed(); });
  }

  /** Reads nothing more, answers what has arrived, then closes. */
  finish(): void {
    this.inputEnded = true;
    this.socket.pause();
    this.guarded(() => { this.pump(); });
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** Called every now and then: closes what has been silent, slow or stuck for too long. */
  checkTimeouts(now: number): void {
    const { idleTimeoutMs, frameTimeoutMs } = this.deps.limits;
    if (this.closed) return;
    if (this.blockedSince > 0 && now - this.blockedSince > frameTimeoutMs) { this.drop('peer-not-reading'); return; }
    if (this.inputEnded || this.slots.length > 0) return;
    if (this.decoder.awaitsCarriageReturn && now - this.lastByteAt > LOOSE_END_MS) {
      this.guarded(() => { this.accept(this.decoder.finish()); });
      return;
    }
    if (this.decoder.insideFrame) {
      if (now - this.frameSince > frameTimeoutMs) this.drop('frame-timeout');
    } else if (now - this.lastByteAt > idleTimeoutMs) this.drop('idle');
  }

  private take(chunk: Buffer): void {
    this.lastByteAt = performance.now();
    const wasInside = this.decoder.insideFrame;
    const frames = this.decoder.push(chunk);
    if (this.decoder.insideFrame && (!wasInside || frames.length > 0)) this.frameSince = this.lastByteAt;
    if (this.decoder.garbageBytes > MAX_GARBAGE_BYTES) { this.drop('not-mllp'); return; }
    this.accept(frames);
  }

  private accept(frames: readonly DecodedFrame[]): void {
    for (const frame of frames) this.waiting.push(...this.deps.onFrame(frame));
    this.pump();
  }

  private endInput(): void {
    this.accept(this.decoder.finish());
    this.inputEnded = true;
    this.pump();
  }

  private pump(): void {
    while (!this.closed && this.inFlight < this.deps.limits.maxInFlight && this.blockedSince === 0) {
      const work = this.waiting.shift();
      if (work === undefined) break;
      const slot: Slot = { answer: undefined };
      this.slots.push(slot);
      this.inFlight += 1;
      const settle = (answer: readonly Buffer[]): void => {
        slot.answer = answer;
        this.inFlight -= 1;
        this.guarded(() => { this.flush(); this.pump(); });
      };
      work().then(settle, () => { settle([]); this.drop('fault'); });
    }
    this.steerInput();
  }

  private steerInput(): void {
    if (this.closed) return;
    const idle = this.waiting.length === 0 && this.slots.length === 0;
    if (this.inputEnded) {
      if (idle) this.close();
    } else if (this.waiting.length > 0 || this.blockedSince > 0) this.socket.pause();
    else if (this.socket.isPaused()) {
      // the time we did not read does not count against the peer
      this.lastByteAt = performance.now();
      if (this.decoder.insideFrame) this.frameSince = this.lastByteAt;
      this.socket.resume();
    }
  }

  /** Sends every answer at the head of the queue that is ready, in one write. */
  private flush(): void {
    const ready: Buffer[] = [];
    let done = 0;
    for (const slot of this.slots) {
      if (slot.answer === undefined) break;
      ready.push(...slot.answer.map(encodeFrame));
      done += 1;
    }
    this.slots.splice(0, done);
    const [only] = ready;
    if (only === undefined || this.closed || !this.socket.writable) return;
    this.lastByteAt = performance.now();
    if (!this.socket.write(ready.length === 1 ? only : Buffer.concat(ready)) && this.blockedSince === 0) this.blockedSince = performance.now();
  }

  /** Sends what is written, then ends. Bytes still coming are read and dropped, or the reset would take our last answer with it. */
  private close(): void {
    if (this.closing) return;
    this.closing = true;
    const { socket } = this;
    socket.removeAllListeners('data');
    socket.end();
    socket.resume();
    setTimeout(() => { socket.destroy(); }, LINGER_MS).unref();
  }

  private drop(reason: DropReason): void {
    if (this.closed) return;
    this.deps.onDropped(reason);
    this.socket.destroy();
  }

  /** Nothing a peer sends may reach the process as an exception. */
  private guarded(step: () => void): void {
    try {
      step();
    } catch {
      this.drop('fault');
    }
  }
}

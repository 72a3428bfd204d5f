import { CR, FS, LF, VT } from './frame.ts';

export type DecodedFrame =
  | { readonly kind: 'frame'; readonly payload: Buffer }
  /** the frame grew beyond the limit; `head` is its beginning, the rest was dropped */
  | { readonly kind: 'oversize'; readonly head: Buffer; readonly bytes: number };

/** how much of an oversize frame is kept: enough for its MSH segment, so that the answer names the message */
const HEAD_BYTES = 4_096;
const FIRST_BLOCK = 4_096;

/**
 * MLLP decoder of one connection: bytes in, whole frames out, whatever the chunks are cut like. One object per socket, never
 * shared. Memory is bounded by `maxFrameBytes`; a frame that lies in one chunk is handed out without copying.
 * A frame ends with FS followed by CR; senders that leave the CR out are understood (FS then VT, LF, silence or end of stream).
 */
export class FrameDecoder {
  private readonly maxFrameBytes: number;
  private state: 'outside' | 'inside' | 'skipping' = 'outside';
  /** bytes of a frame that began in an earlier chunk; grows by doubling, so one-byte chunks cost no more than their bytes */
  private held: Buffer = Buffer.alloc(0);
  private heldLength = 0;
  private skipped = 0;
  /** the last byte seen was FS inside a frame; the next one decides whether it was the end */
  private sawEnd = false;
  private garbage = 0;

  constructor(options: { readonly maxFrameBytes: number }) {
    this.maxFrameBytes = options.maxFrameBytes;
  }

  /** true from the first byte of a frame to its end */
  get insideFrame(): boolean { return this.state !== 'outside'; }

  /** true when only the CR of the frame is missing: after some silence the frame counts as ended */
  get awaitsCarriageReturn(): boolean { return this.sawEnd; }

  /** bytes received outside of any frame since the last one, blanks left out */
  get garbageBytes(): number { return this.garbage; }

  /** bytes held for the frame under way */
  get heldBytes(): number { return this.held.length; }

  /** @returns the frames that are complete with this chunk, in order */
  push(chunk: Buffer): DecodedFrame[] {
    const frames: DecodedFrame[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (this.state === 'outside') at = this.seekStart(chunk, at);
      else if (this.sawEnd) at = this.decideEnd(chunk, at, frames);
      else at = this.seekEnd(chunk, at, frames);
    }
    return frames;
  }

  /** End of stream, or silence after FS: @returns the frame that lacks only its CR, if there is one */
  finish(): DecodedFrame[] {
    if (!this.sawEnd) return [];
    this.sawEnd = false;
    return [this.takeHeld()];
  }

  private seekStart(chunk: Buffer, from: number): number {
    const start = chunk.indexOf(VT, from);
    const end = start < 0 ? chunk.length : start;
    for (let i = from; i < end; i += 1) {
      const byte = chunk[i];
      if (byte !== CR && byte !== LF && byte !== 0x20 && byte !== FS) this.garbage += 1;
    }
    if (start < 0) return chunk.length;
    this.state = 'inside';
    this.garbage = 0;
    return start + 1;
  }

  private seekEnd(chunk: Buffer, from: number, frames: DecodedFrame[]): number {
    let search = from;
    for (;;) {
      const end = chunk.indexOf(FS, search);
      if (end < 0 || end + 1 === chunk.length) {
        this.hold(chunk, from, end < 0 ? chunk.length : end);
        this.sawEnd = end >= 0;
        return chunk.length;
      }
      if (!endsFrame(chunk[end + 1])) { search = end + 1; continue; }
      if (this.heldLength === 0 && this.state === 'inside' && end - from <= this.maxFrameBytes) {
        this.state = 'outside';
        frames.push({ kind: 'frame', payload: chunk.subarray(from, end) });
      } else {
        this.hold(chunk, from, end);
        frames.push(this.takeHeld());
      }
      return end + 1;
    }
  }

  /** FS was the last byte of the chunk before: CR, LF or VT make it the end of the frame, anything else makes it data. */
  private decideEnd(chunk: Buffer, at: number, frames: DecodedFrame[]): number {
    this.sawEnd = false;
    if (endsFrame(chunk[at])) frames.push(this.takeHeld());
    else this.hold(Buffer.of(FS), 0, 1);
    return at;
  }

  private hold(chunk: Buffer, from: number, to: number): void {
    const size = to - from;
    if (this.state === 'skipping') { this.skipped += size; return; }
    const total = this.heldLength + size;
    if (total > this.maxFrameBytes) {
      const head = Buffer.allocUnsafe(Math.min(HEAD_BYTES, total));
      const fromHeld = this.held.copy(head, 0, 0, Math.min(this.heldLength, head.length));
      chunk.copy(head, fromHeld, from, from + head.length - fromHeld);
      this.held = head;
      this.heldLength = head.length;
      this.skipped = total;
      this.state = 'skipping';
      return;
    }
    if (total > this.held.length) {
      const grown = Buffer.allocUnsafeSlow(Math.min(this.maxFrameBytes, Math.max(FIRST_BLOCK, total, this.held.length * 2)));
      this.held.copy(grown, 0, 0, this.heldLength);
      this.held = grown;
    }
    chunk.copy(this.held, this.heldLength, from, to);
    this.heldLength = total;
  }

  private takeHeld(): DecodedFrame {
    const payload = this.held.subarray(0, this.heldLength);
    const frame: DecodedFrame = this.state === 'skipping' ? { kind: 'oversize', head: payload, bytes: this.skipped } : { kind: 'frame', payload };
    this.held = Buffer.alloc(0);
    this.heldLength = 0;
    this.skipped = 0;
    this.state = 'outside';
    return frame;
  }
}

function endsFrame(next: number | undefined): boolean {
  return next === CR || next === LF || next === VT;
}

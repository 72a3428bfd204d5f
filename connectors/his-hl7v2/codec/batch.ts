const HEAD = [0x4d, 0x53, 0x48];

/** What stands in one frame: a single message, or several of a batch. */
export interface FrameContent {
  /** bytes of each message, from its MSH to the next header or trailer */
  readonly messages: readonly Buffer[];
  /** message count the batch trailer states (BTS-1), when there is one */
  readonly stated?: number;
}

/**
 * Splits a frame into its messages, on bytes and before decoding, because each message declares its own charset. Line ends never are
 * trail bytes in GBK, GB18030 or UTF-8. FHS, BHS, BTS and FTS are left out; several MSH without any of them are several messages.
 */
export function splitFrame(frame: Buffer): FrameContent {
  const messages: Buffer[] = [];
  let start = -1;
  let stated: number | undefined;
  for (let line = 0; line < frame.length; line = nextLine(frame, line)) {
    const at = skipBlank(frame, line);
    const envelope = isEnvelope(frame, at);
    if (!envelope && !isMsh(frame, at)) continue;
    if (start >= 0) messages.push(frame.subarray(start, line));
    start = envelope ? -1 : at;
    if (envelope) stated = statedCount(frame, at) ?? stated;
  }
  if (start >= 0) messages.push(start === 0 ? frame : frame.subarray(start));
  return stated === undefined ? { messages } : { messages, stated };
}

function nextLine(frame: Buffer, from: number): number {
  for (let i = from; i < frame.length; i += 1) {
    if (frame[i] === 13 || frame[i] === 10) return i + 1;
  }
  return frame.length;
}

/** blanks, NUL and the UTF-8 byte order mark before a segment name */
function skipBlank(frame: Buffer, from: number): number {
  let at = from;
  for (;;) {
    const byte = frame[at];
    if (byte === 0x20 || byte === 0x09 || byte === 0) at += 1;
    else if (byte === 0xef && frame[at + 1] === 0xbb && frame[at + 2] === 0xbf) at += 3;
    else return at;
  }
}

function isMsh(frame: Buffer, at: number): boolean {
  return HEAD.every((letter, i) => ((frame[at + i] ?? 0) & 0xdf) === letter) && !isAlphanumeric(frame[at + 3]);
}

function isEnvelope(frame: Buffer, at: number): boolean {
  const letter = (frame[at] ?? 0) & 0xdf;
  if (letter !== 0x46 && letter !== 0x42) return false;
  const name = frame.toString('latin1', at, at + 3).toUpperCase();
  return (name === 'FHS' || name === 'BHS' || name === 'BTS' || name === 'FTS') && !isAlphanumeric(frame[at + 3]);
}

function statedCount(frame: Buffer, at: number): number | undefined {
  const match = /^BTS[^0-9A-Za-z\s](\d{1,6})(?!\d)/i.exec(frame.toString('latin1', at, at + 12));
  return match === null ? undefined : Number(match[1]);
}

function isAlphanumeric(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) || byte >= 0x80;
}

/** MLLP framing bytes: VT … FS CR. In GBK, GB18030 and UTF-8 no trail byte has these values, so framing on raw bytes is safe (his.md a.3). */
export const VT = 0x0b;
export const FS = 0x1c;
export const CR = 0x0d;
export const LF = 0x0a;

/** @returns the payload between VT and FS CR, ready for the wire */
export function encodeFrame(payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(payload.length + 3);
  frame[0] = VT;
  frame.set(payload, 1);
  frame[payload.length + 1] = FS;
  frame[payload.length + 2] = CR;
  return frame;
}

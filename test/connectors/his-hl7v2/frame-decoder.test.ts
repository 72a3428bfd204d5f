import { expect } from 'chai';
import fc from 'fast-check';
import { FrameDecoder } from '../../../connectors/his-hl7v2/mllp/frame-decoder.ts';
import type { DecodedFrame } from '../../../connectors/his-hl7v2/mllp/frame-decoder.ts';
import { encodeFrame } from '../../../connectors/his-hl7v2/mllp/frame.ts';
import { encode, rdsText, trickyHanzi } from '../../support/hl7-text.ts';

const payloads = (frames: readonly DecodedFrame[]): string[] => frames.map((frame) => (frame.kind === 'frame' ? frame.payload.toString('latin1') : `oversize ${String(frame.bytes)}`));
const decoder = (maxFrameBytes = 1_048_576): FrameDecoder => new FrameDecoder({ maxFrameBytes });

/** the payload of each chunk copied out at once, as the owner of a socket buffer may reuse it */
function pushAll(target: FrameDecoder, chunks: readonly Uint8Array[]): string[] {
  return chunks.flatMap((chunk) => payloads(target.push(Buffer.from(chunk))));
}

const MESSAGES = Array.from({ length: 60 }, (_, i) => {
  const tricky = trickyHanzi();
  const charset = (['utf-8', 'gbk', 'gb18030'] as const)[i % 3] ?? 'utf-8';
  const drugName = Array.from({ length: 6 }, (__, k) => tricky[(i * 7 + k) % tricky.length] ?? '').join('');
  return encode(rdsText({ id: `S${String(i)}`, drugName: charset === 'gb18030' ? `${drugName}㛃𠮷` : drugName }), charset);
});

describe('MLLP frame decoder', () => {
  it('finds the frame whatever the split point: 60 messages in UTF-8, GBK and GB18030, every byte position', () => {
    for (const message of MESSAGES) {
      const wire = encodeFrame(message);
      const expected = [message.toString('latin1')];
      for (let cut = 0; cut <= wire.length; cut += 1) {
        expect(pushAll(decoder(), [wire.subarray(0, cut), wire.subarray(cut)])).to.deep.equal(expected);
      }
    }
  });

  it('finds frames that arrive byte by byte, and two bytes at a time', () => {
    const wire = Buffer.concat(MESSAGES.slice(0, 6).map(encodeFrame));
    for (const size of [1, 2]) {
      const target = decoder();
      const chunks = Array.from({ length: Math.ceil(wire.length / size) }, (_, i) => wire.subarray(i * size, (i + 1) * size));
      expect(pushAll(target, chunks)).to.deep.equal(MESSAGES.slice(0, 6).map((message) => message.toString('latin1')));
      expect(target.heldBytes).to.equal(0);
    }
  });

  it('finds all frames of a chunk, and any random cutting of many frames', () => {
    const wire = Buffer.concat(MESSAGES.map(encodeFrame));
    const expected = MESSAGES.map((message) => message.toString('latin1'));
    expect(pushAll(decoder(), [wire])).to.deep.equal(expected);
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: wire.length }), { maxLength: 60 }), (cuts) => {
      const points = [0, ...cuts.sort((a, b) => a - b), wire.length];
      expect(pushAll(decoder(), points.slice(1).map((point, i) => wire.subarray(points[i], point)))).to.deep.equal(expected);
    }), { numRuns: 200 });
  });

  it('drops what stands between frames and counts it, blanks left out', () => {
    const target = decoder();
    expect(pushAll(target, [Buffer.from('GET / HTTP/1.1\r\n'), encodeFrame(Buffer.from('A')), Buffer.from('\r\n\r\n'), encodeFrame(Buffer.from('B'))])).to.deep.equal(['A', 'B']);
    expect(target.garbageBytes).to.equal(0);
    target.push(Buffer.from('xyz \r\n'));
    expect(target.garbageBytes).to.equal(3);
  });

  it('understands a missing CR: the next frame, a line feed or the end of the stream ends the frame', () => {
    expect(pushAll(decoder(), [Buffer.from('\x0bA\x1c\x0bB\x1c\x0d', 'latin1')])).to.deep.equal(['A', 'B']);
    expect(pushAll(decoder(), [Buffer.from('\x0bA\x1c\n\x0bB\x1c\n', 'latin1')])).to.deep.equal(['A', 'B']);
    const target = decoder();
    expect(pushAll(target, [Buffer.from('\x0bA\x1c', 'latin1')])).to.deep.equal([]);
    expect(target.awaitsCarriageReturn).to.equal(true);
    expect(payloads(target.finish())).to.deep.equal(['A']);
    expect(payloads(target.finish())).to.deep.equal([]);
  });

  it('keeps an FS that is not the end of the frame, at any split point', () => {
    const wire = Buffer.from('\x0bA\x1cB\x1c\x1c\x0d', 'latin1');
    for (let cut = 0; cut <= wire.length; cut += 1) expect(pushAll(decoder(), [wire.subarray(0, cut), wire.subarray(cut)])).to.deep.equal(['A\x1cB\x1c']);
  });

  it('reports a frame beyond the limit with its head, then goes on, at any split point', () => {
    const wire = Buffer.concat([encodeFrame(Buffer.from(`MSH|${'x'.repeat(60)}`)), encodeFrame(Buffer.from('MSH|ok'))]);
    for (let cut = 0; cut <= wire.length; cut += 1) {
      const target = decoder(32);
      expect(pushAll(target, [wire.subarray(0, cut), wire.subarray(cut)])).to.deep.equal(['oversize 64', 'MSH|ok']);
    }
  });

  it('takes a frame of exactly the limit', () => {
    expect(pushAll(decoder(8), [encodeFrame(Buffer.from('12345678'))])).to.deep.equal(['12345678']);
    expect(pushAll(decoder(8), [Buffer.from('\x0b1234'), Buffer.from('5678\x1c\x0d')])).to.deep.equal(['12345678']);
    expect(pushAll(decoder(8), [Buffer.from('\x0b1234'), Buffer.from('56789\x1c\x0d')])).to.deep.equal(['oversize 9']);
  });

  it('holds no more than the limit however long the frame gets, and nothing between frames', () => {
    const target = decoder(65_536);
    const chunk = Buffer.alloc(50_000, 0x41);
    target.push(Buffer.of(0x0b));
    for (let i = 0; i < 200; i += 1) {
      target.push(chunk);
      expect(target.heldBytes).to.be.at.most(65_536);
    }
    expect(payloads(target.push(Buffer.of(0x1c, 0x0d)))).to.deep.equal(['oversize 10000000']);
    expect(target.heldBytes).to.equal(0);
  });

  it('never throws and never loses a frame after garbage', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 20 }), (chunks) => {
      const target = decoder(64);
      for (const chunk of chunks) target.push(Buffer.from(chunk));
      // whatever state the garbage left it in, one end of frame brings it back
      target.push(Buffer.of(0x1c, 0x0d));
      expect(pushAll(target, [encodeFrame(Buffer.from('MSH|'))])).to.deep.equal(['MSH|']);
    }), { numRuns: 500 });
  });
});

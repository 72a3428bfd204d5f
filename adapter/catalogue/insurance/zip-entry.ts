import { Unzip, UnzipInflate, UnzipPassThrough, type UnzipFile } from 'fflate';

/** a catalogue of 300,000 rows unpacks to some 200 MB */
const MOST_BYTES = 2 * 1024 * 1024 * 1024;
/** packed bytes unpacked at a time: what comes out of them is all that is in memory */
const SLICE = 16 * 1024;

const DAMAGED = '压缩文件已损坏，请重新下载';
const INCOMPLETE = '压缩文件不完整，请重新下载';

/** The zip cannot be read further. */
export class ZipFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ZipFault';
  }
}

/**
 * The content of the first text file in a zip, unpacked as it comes; other entries are passed over.
 * @throws ZipFault for a damaged zip, one without a file, or one that unpacks to more than 2 GB
 */
export async function* firstEntry(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const out = new EntryReader();
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.byteLength && !out.isDone; at += SLICE) yield* out.push(chunk.subarray(at, at + SLICE), false);
    if (out.isDone) return;
  }
  yield* out.push(new Uint8Array(0), true);
  if (!out.isDone) throw new ZipFault(out.hasBegun ? INCOMPLETE : '压缩文件中没有文件');
}

class EntryReader {
  isDone = false;
  hasBegun = false;
  #size = 0;
  #ready: Uint8Array[] = [];
  readonly #unzip = new Unzip((file) => { this.#begin(file); });

  constructor() {
    this.#unzip.register(UnzipInflate);
    this.#unzip.register(UnzipPassThrough);
  }

  push(bytes: Uint8Array, final: boolean): readonly Uint8Array[] {
    try {
      this.#unzip.push(bytes, final);
    } catch (error) {
      if (error instanceof ZipFault) throw error;
      throw new ZipFault(final ? INCOMPLETE : DAMAGED);
    }
    return this.#ready.splice(0);
  }

  #begin(file: UnzipFile): void {
    if (this.hasBegun || file.name.endsWith('/')) return;
    this.hasBegun = true;
    file.ondata = (error, bytes, last) => {
      if (error !== null) throw new ZipFault(DAMAGED);
      this.#size += bytes.byteLength;
      if (this.#size > MOST_BYTES) throw new ZipFault('压缩文件解开后过大');
      if (bytes.byteLength > 0) this.#ready.push(bytes);
      this.isDone = last;
    };
    file.start();
  }
}

import { firstEntry } from './zip-entry.ts';

/** The text of the catalogue, out of its zip where it is in one; told by its first bytes. */
export async function* catalogueBytes(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const source = chunks[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  let size = 0;
  let ended = false;
  while (!ended && size < 4) {
    const next = await source.next();
    ended = next.done === true;
    if (next.done !== true) { first.push(next.value); size += next.value.byteLength; }
  }
  const head = Buffer.concat(first);
  const all = joined(head, source, ended);
  // an empty zip begins with its end
  if (/^PK(?:\u0003\u0004|\u0005\u0006)/.test(head.subarray(0, 4).toString('latin1'))) yield* firstEntry(all);
  else yield* all;
}

async function* joined(head: Uint8Array, source: AsyncIterator<Uint8Array>, ended: boolean): AsyncIterable<Uint8Array> {
  try {
    if (head.byteLength > 0) yield head;
    for (let next = ended ? undefined : await source.next(); next !== undefined && next.done !== true; next = await source.next()) yield next.value;
  } finally {
    await source.return?.();
  }
}

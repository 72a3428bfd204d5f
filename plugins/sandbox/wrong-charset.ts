/** Two-byte GBK range of GB18030; enough for every Chinese text of the platforms. */
const FIRST_LEAD = 0x81;
const FIRST_TRAIL = 0x40;
const LAST = 0xfe;

let table: ReadonlyMap<string, Buffer> | undefined;

/**
 * Encodes text as GB18030, for the reply that says UTF-8 and is not. Built from the decoder that every Node has,
 * so that the sandbox needs no package for it. Characters beyond GBK become `?`.
 */
export function encodeGb18030(text: string): Buffer {
  table ??= buildTable();
  const parts: Buffer[] = [];
  for (const character of text) parts.push(character < '\u0080' ? Buffer.from(character, 'ascii') : (table.get(character) ?? Buffer.from('?')));
  return Buffer.concat(parts);
}

function buildTable(): ReadonlyMap<string, Buffer> {
  const decoder = new TextDecoder('gb18030', { fatal: true });
  const pairs = new Map<string, Buffer>();
  for (let lead = FIRST_LEAD; lead <= LAST; lead += 1) {
    for (let trail = FIRST_TRAIL; trail <= LAST; trail += 1) {
      if (trail === 0x7f) continue;
      const bytes = Buffer.from([lead, trail]);
      try {
        pairs.set(decoder.decode(bytes), bytes);
      } catch {
        // an unassigned pair: nothing to map
      }
    }
  }
  return pairs;
}

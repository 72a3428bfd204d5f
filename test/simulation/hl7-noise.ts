import { encode, rdsText, trickyHanzi } from '../support/hl7-text.ts';

/** Random numbers from a seed (mulberry32), so that a finding can be repeated. */
export interface Dice {
  /** integer from 0 to below `limit` */
  below(limit: number): number;
  chance(probability: number): boolean;
  pick<T>(from: readonly [T, ...T[]]): T;
}

export function diceOf(seed: number): Dice {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return { below, chance: (probability) => next() < probability, pick: (from) => from[below(from.length)] ?? from[0] };
}

const TRICKY = trickyHanzi();
const FRAGMENTS = ['MSH|', 'MSH|^~\\&|', 'FHS|', 'BHS|^~\\&', 'BTS|9', 'FTS|', '\r', '\n', '\r\n', '\x0b', '\x1c', '\x1c\r', '|', '^', '~', '\\', '&', '\\X', '\\X0D\\', '\\F\\', 'ORC|RE|', 'RXD|1|', 'ZTC|', 'OBX|1|ST|TRACE-CODE||', 'PID|', '\0', '\ufeff', '药', '""'] as const;

function randomBytes(dice: Dice, longest: number): Buffer {
  const bytes = Buffer.alloc(dice.below(longest));
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = dice.below(256);
  return bytes;
}

function soup(dice: Dice): Buffer {
  return Buffer.from(Array.from({ length: dice.below(60) }, () => dice.pick(FRAGMENTS)).join(''), dice.chance(0.5) ? 'utf8' : 'latin1');
}

function goodMessage(dice: Dice): Buffer {
  const hanzi = Array.from({ length: dice.below(8) }, () => TRICKY[dice.below(TRICKY.length)] ?? '').join('');
  const charset = dice.pick<'utf-8' | 'gbk' | 'gb18030'>(['utf-8', 'gbk', 'gb18030']);
  const tail = `||||||${dice.pick(['', 'UNICODE UTF-8', 'GBK', 'GB 18030-2000', '8859/1', 'UTF-16', '\\'])}`;
  const type = dice.pick(['RDS^O13', 'RDS^O13', 'RGV^O15', 'RAS^O17', 'DFT^P03', 'MFN^M01', 'ACK', '']);
  return encode(rdsText({ id: dice.chance(0.9) ? String(dice.below(1e9)) : '', type, tail, name: hanzi, facility: hanzi, lineEnd: dice.pick(['\r', '\n', '\r\n', '\r\r']) }), charset);
}

function mutated(dice: Dice): Buffer {
  const bytes = Buffer.from(goodMessage(dice));
  for (let i = dice.below(12); i > 0; i -= 1) bytes[dice.below(bytes.length)] = dice.below(256);
  return dice.chance(0.3) ? bytes.subarray(dice.below(bytes.length)) : bytes;
}

/** One input: bytes as a broken, hostile or merely odd sender might write them. */
export function noise(dice: Dice): Buffer {
  const body = dice.pick([
    () => randomBytes(dice, 200), () => randomBytes(dice, 4_000), () => soup(dice), () => soup(dice), () => goodMessage(dice), () => mutated(dice), () => mutated(dice),
    () => Buffer.concat([goodMessage(dice), mutated(dice), goodMessage(dice)]), () => Buffer.alloc(dice.below(20_000), dice.pick(['|', '\r', 'MSH|', '\\', '~', '\x0b', '\x1c'])),
  ])();
  // most inputs are framed, or they would only test what stands between frames
  const open = dice.chance(0.85) ? Buffer.of(0x0b) : Buffer.alloc(0);
  const end = dice.chance(0.85) ? Buffer.of(0x1c, 0x0d) : dice.chance(0.5) ? Buffer.of(0x1c) : Buffer.alloc(0);
  return Buffer.concat([open, body, end]);
}

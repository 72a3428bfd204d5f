import iconv from 'iconv-lite';

/** Synthetic messages for the tests of the HL7 source. Codes begin with 8999. */
export interface MessageParts {
  readonly id: string;
  readonly type?: string;
  readonly version?: string;
  /** MSH-13 … */
  readonly tail?: string;
  readonly name?: string;
  readonly drugName?: string;
  readonly facility?: string;
  readonly lineEnd?: string;
}

export function rdsText(parts: MessageParts): string {
  return [
    `MSH|^~\\&|PHARM|${parts.facility ?? 'HOSP'}|TRACE|CENTER|20261122093105||${parts.type ?? 'RDS^O13^RDS_O13'}|${parts.id}|P|${parts.version ?? '2.5.1'}${parts.tail ?? ''}`,
    `PID|1||P1^^^HIS^MR||${parts.name ?? '张三'}||19800101|M`,
    'PV1|1|O|||||||||||||||||V1',
    `ORC|RE|CF-${parts.id}`,
    `RXD|1|YP00012^${parts.drugName ?? '阿莫西林胶囊'}|20261122093105|1|盒||CF-${parts.id}`,
    'ZTC|1|1|89990030000000000001',
    '',
  ].join(parts.lineEnd ?? '\r');
}

export function encode(text: string, charset: 'utf-8' | 'gbk' | 'gb18030'): Buffer {
  return charset === 'utf-8' ? Buffer.from(text, 'utf8') : iconv.encode(text, charset);
}

/** Hanzi whose second GBK byte is a delimiter of HL7 or an @ (his.md a.3): 0x7C | 0x5E ^ 0x7E ~ 0x5C \ 0x40 @ 0x26 is never one. */
export function trickyHanzi(): readonly string[] {
  const decoder = new TextDecoder('gb18030', { fatal: true });
  const found: string[] = [];
  for (const trail of [0x7c, 0x5e, 0x7e, 0x5c, 0x40]) {
    for (let lead = 0x81; lead <= 0xa0; lead += 3) found.push(decoder.decode(Buffer.of(lead, trail)));
    for (let lead = 0xaa; lead <= 0xfd; lead += 6) found.push(decoder.decode(Buffer.of(lead, trail)));
  }
  return found.filter((character) => /^[\u4e00-\u9fff]$/.test(character));
}

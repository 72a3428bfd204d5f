import type { Primitives } from './primitives.ts';
import { Sm2Point } from './sm2-curve.ts';

/** Published examples of the standards; public test data, no key of anybody. */
export const KNOWN_ANSWERS = {
  /** GB/T 32905-2016 A.1, A.2 */
  sm3: [
    { text: 'abc', digest: '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0' },
    { text: 'abcd'.repeat(16), digest: 'debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732' },
  ],
  /** GM/T 0042-2015 D.3 */
  hmacSm3: {
    key: '0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20',
    text: 'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq'.repeat(2),
    digest: 'ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a',
  },
  /** GB/T 32907-2016 A.1: key and plain block are the same */
  sm4: { block: '0123456789abcdeffedcba9876543210', sealed: '681edf34d206965e86b3e94f536e4246' },
  /** GB/T 32918.5-2017 A.1: the pair and the random number of all examples */
  sm2: {
    scalar: '3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8',
    point: '0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13',
    nonce: '59276e27d506861a16680f3ad9c02dccef3cc1fa3cdbe4ce6d54b80deac1bc21',
    userId: '1234567812345678',
    /** A.2 */
    signed: 'message digest',
    signature: 'f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa',
    /** C.2 */
    encrypted: 'encryption standard',
    c1: '0404ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0',
    c3: '59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766',
    c2: '21886ca989ca9c7d58087307ca93092d651efa',
  },
} as const;

export interface KnownAnswerFailure {
  /** the standard and its example, for the operator */
  readonly name: string;
  /** `missing`: the machine does not offer the algorithm; `wrong`: it answers, but not what the standard says */
  readonly kind: 'missing' | 'wrong';
}

/**
 * Computes every example, both ways, and that a changed message is no longer verified.
 * @returns what failed; empty = proven. About a tenth of a second, most of it a table that is needed later anyway.
 */
export function failedKnownAnswers(primitives: Primitives): readonly KnownAnswerFailure[] {
  const failures: KnownAnswerFailure[] = [];
  for (const [name, holds] of checks(primitives)) {
    try {
      if (!holds()) failures.push({ name, kind: 'wrong' });
    } catch {
      failures.push({ name, kind: 'missing' });
    }
  }
  return failures;
}

function checks(use: Primitives): readonly (readonly [string, () => boolean])[] {
  const { sm2, sm3, sm4, hmacSm3 } = KNOWN_ANSWERS;
  const point = Sm2Point.fromHex(sm2.point);
  const scalar = BigInt(`0x${sm2.scalar}`);
  const nonce = (): bigint => BigInt(`0x${sm2.nonce}`);
  const by = { point, userId: sm2.userId };
  const block = hexBytes(sm4.block);
  const ecb = { key: block, mode: 'ecb', padding: 'none' } as const;
  // in CBC a block of zeros under an iv is that iv under ECB
  const cbc = { key: block, mode: 'cbc', padding: 'none', iv: block } as const;
  const ciphertext = hexBytes(sm2.c1 + sm2.c3 + sm2.c2);
  return [
    ...sm3.map(({ text, digest }) => [`SM3（GB/T 32905）${String(text.length)} 字节`, (): boolean => same(use.sm3(bytes(text)), digest)] as const),
    ['HMAC-SM3（GM/T 0042）', () => same(use.hmacSm3(hexBytes(hmacSm3.key), bytes(hmacSm3.text)), hmacSm3.digest)],
    ['SM4-ECB（GB/T 32907）加密', () => same(use.sm4Seal(block, ecb), sm4.sealed)],
    ['SM4-ECB（GB/T 32907）解密', () => same(use.sm4Open(hexBytes(sm4.sealed), ecb), sm4.block)],
    ['SM4-CBC 加密', () => same(use.sm4Seal(new Uint8Array(16), cbc), sm4.sealed)],
    ['SM4-CBC 解密', () => same(use.sm4Open(hexBytes(sm4.sealed), cbc), '00'.repeat(16))],
    ['SM2（GB/T 32918.5）公钥', () => Sm2Point.BASE.multiply(scalar).equals(point)],
    ['SM2（GB/T 32918.5 A.2）签名', () => same(use.sign(bytes(sm2.signed), { ...by, scalar }, nonce), sm2.signature)],
    ['SM2（GB/T 32918.5 A.2）验签', () => use.verify(bytes(sm2.signed), hexBytes(sm2.signature), by)],
    ['SM2 拒绝被改动的内容', () => !use.verify(bytes(`${sm2.signed}.`), hexBytes(sm2.signature), by)],
    ['SM2（GB/T 32918.5 C.2）加密', () => same(use.encrypt(point, bytes(sm2.encrypted), { order: 'c1c3c2', nonce }), sm2.c1 + sm2.c3 + sm2.c2)],
    ['SM2（GB/T 32918.5 C.2）解密', () => same(use.decrypt(scalar, ciphertext, 'c1c3c2'), Buffer.from(bytes(sm2.encrypted)).toString('hex'))],
  ];
}

function bytes(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}

function hexBytes(hex: string): Uint8Array {
  return Buffer.from(hex, 'hex');
}

function same(value: Uint8Array | undefined, hex: string): boolean {
  return value !== undefined && Buffer.from(value).toString('hex') === hex;
}

/**
 * Chinese national cryptography (国密算法): SM2 (GB/T 32918), SM3 (GB/T 32905), SM4 (GB/T 32907).
 *
 * Whatever holds a key answers with a Promise: behind this port there may be a certified module (密码机, USB key) that is asked
 * over a wire and keeps its keys to itself. SM3 has no key and stays synchronous. Keys are opaque for the same reason: what a
 * setting says about a key (PEM, hex, Base64, or the label of a key inside a module) is read by the implementation.
 *
 * What a peer sent is judged by a value (`false`, `undefined`), never by an exception: a bad signature or a text that does not
 * decrypt is an everyday answer. Only what is wrong on our side throws `TraceError`: a key nobody can read (CONFIG_INVALID),
 * arguments that make no sense, an implementation that failed its self-test.
 */

/** SM2 user id of GM/T 0009 for all who agreed on none. */
export const DEFAULT_SM2_USER_ID = '1234567812345678';

/** Private SM2 key; whatever it holds is not reachable from outside and is printed by nothing. */
export interface Sm2PrivateKey { readonly kind: 'sm2-private' }
/** Public SM2 key. */
export interface Sm2PublicKey {
  readonly kind: 'sm2-public';
  /** uncompressed point, 130 lower-case hex digits beginning with 04; not secret */
  readonly hex: string;
}
/** SM4 key, 128 bits; not reachable from outside, printed by nothing. */
export interface Sm4Key { readonly kind: 'sm4' }

/** `raw` is r followed by s, 32 bytes each; `der` is SEQUENCE of two INTEGER. */
export type Sm2SignatureFormat = 'raw' | 'der';
/** Order inside a ciphertext: the standard's C1 C3 C2, or the older C1 C2 C3. */
export type Sm2CipherOrder = 'c1c3c2' | 'c1c2c3';

export interface Sm2SignOptions {
  readonly key: Sm2PrivateKey;
  /** default DEFAULT_SM2_USER_ID; '' is the empty id, something else than the default */
  readonly userId?: string;
  /** default `raw` */
  readonly format?: Sm2SignatureFormat;
}
export interface Sm2VerifyOptions {
  readonly key: Sm2PublicKey;
  readonly signature: Uint8Array;
  /** default DEFAULT_SM2_USER_ID */
  readonly userId?: string;
  /** default `any`: 64 bytes are raw, everything else must be strict DER */
  readonly format?: Sm2SignatureFormat | 'any';
}
export interface Sm2EncryptOptions {
  readonly key: Sm2PublicKey;
  /** default `c1c3c2` */
  readonly order?: Sm2CipherOrder;
}
export interface Sm2DecryptOptions {
  readonly key: Sm2PrivateKey;
  /** default `c1c3c2` */
  readonly order?: Sm2CipherOrder;
}

/** Padding is always said: `zero` fills with 0 up to a whole block (a whole block stays as it is) and strips all trailing 0. */
export type Sm4Padding = 'pkcs7' | 'zero' | 'none';
/** CBC cannot be asked for without an iv of 16 bytes; there is no default iv. */
export type Sm4Options =
  | { readonly key: Sm4Key; readonly mode: 'ecb'; readonly padding: Sm4Padding }
  | { readonly key: Sm4Key; readonly mode: 'cbc'; readonly padding: Sm4Padding; readonly iv: Uint8Array };

export interface ChinaCrypto {
  /** for the log and `check`: which implementation this is */
  readonly name: string;
  /**
   * Runs the known-answer tests of the three standards, once; later calls return the first result. Every operation below that
   * holds a key waits for it by itself, so that nothing is ever signed by arithmetic that was not proven on this machine.
   * @throws TraceError when the machine lacks an algorithm or computes a wrong answer; then nothing is signed at all
   */
  start(): Promise<void>;

  /**
   * @param text what the setting says: PEM, Base64, hex, or a label the implementation knows
   * @param name of the setting, for the message; the text itself is never part of it
   * @throws TraceError CONFIG_INVALID saying what is wrong with it
   */
  readPrivateKey(text: string, name: string): Sm2PrivateKey;
  /** As readPrivateKey; a private key in this place is refused. */
  readPublicKey(text: string, name: string): Sm2PublicKey;
  /** As readPrivateKey: 32 hex digits, Base64 of 16 bytes, or 16 characters taken as they are. */
  readSm4Key(text: string, name: string): Sm4Key;
  /** @returns a key made of exactly 16 bytes (rules that derive their key); @throws TraceError CONFIG_INVALID for another length */
  sm4Key(bytes: Uint8Array, name: string): Sm4Key;
  /** @returns the public half, for handing out and for the check that a pair belongs together */
  publicKeyOf(key: Sm2PrivateKey): Promise<Sm2PublicKey>;

  /** @returns 32 bytes; @throws TraceError when the machine has no SM3 */
  sm3(data: Uint8Array): Uint8Array;
  /** @returns HMAC over SM3 (GB/T 15852.2), 32 bytes; any key length */
  hmacSm3(key: Uint8Array, data: Uint8Array): Promise<Uint8Array>;

  /** @throws TraceError CONFIG_INVALID for a wrong iv, or for padding `none` with a text that fills no whole blocks */
  sm4Encrypt(plain: Uint8Array, options: Sm4Options): Promise<Uint8Array>;
  /** @returns the plain bytes, or undefined: no whole blocks, or the padding is not what it should be */
  sm4Decrypt(sealed: Uint8Array, options: Sm4Options): Promise<Uint8Array | undefined>;

  /** SM2 signature with SM3 over Z || message (GB/T 32918.2). */
  sm2Sign(message: Uint8Array, options: Sm2SignOptions): Promise<Uint8Array>;
  /** @returns whether it is a signature of this message by this key under this id; false for whatever is malformed */
  sm2Verify(message: Uint8Array, options: Sm2VerifyOptions): Promise<boolean>;
  /** @returns C1 with its leading 04, then C3 and C2 in the order asked for (GB/T 32918.4); @throws TraceError for an empty text */
  sm2Encrypt(plain: Uint8Array, options: Sm2EncryptOptions): Promise<Uint8Array>;
  /** @returns the plain bytes, or undefined; takes C1 with or without its leading 04 */
  sm2Decrypt(sealed: Uint8Array, options: Sm2DecryptOptions): Promise<Uint8Array | undefined>;
}

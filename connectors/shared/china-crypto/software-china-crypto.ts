import { TraceError } from '../../../adapter/domain/error.ts';
import { DEFAULT_SM2_USER_ID, type ChinaCrypto, type Sm2VerifyOptions, type Sm4Options } from '../../../adapter/ports/china-crypto.ts';
import { openPrivateKey, openPublicKey, openSm4Key, publicKeyOfPoint, readPrivateKey, readPublicKey, readSm4Key, sm4KeyOf } from './keys.ts';
import { failedKnownAnswers } from './known-answers.ts';
import { softwarePrimitives, type Primitives } from './primitives.ts';
import { signatureFromDer, signatureToDer } from './sm2-signature-der.ts';
import type { Sm4Parameters } from './sm4.ts';

/**
 * The port in software: node:crypto for SM3 and SM4, @noble/curves for SM2.
 *
 * The known-answer tests run once per object, at `start()` or before the first operation that needs a key. When they fail, every
 * such operation rejects with the same error, and `sm3` throws it: nothing is signed by arithmetic that is not proven here.
 *
 * @param options.primitives other arithmetic, for tests that prove the refusal
 */
export function createSoftwareChinaCrypto(options: { readonly primitives?: Partial<Primitives> } = {}): ChinaCrypto {
  const use: Primitives = { ...softwarePrimitives, ...options.primitives };
  let checked: { readonly fault: TraceError | undefined } | undefined;
  const prove = (): void => {
    checked ??= { fault: selfTestFault(use) };
    if (checked.fault !== undefined) throw checked.fault;
  };
  /** the body runs only behind the self-test, and whatever it throws becomes a rejection */
  const proven = <Result>(compute: () => Result): Promise<Result> => new Promise((resolve) => {
    prove();
    resolve(compute());
  });

  return {
    name: 'software (node:crypto, @noble/curves)',
    start: () => proven(() => undefined),
    readPrivateKey,
    readPublicKey,
    readSm4Key,
    sm4Key: sm4KeyOf,
    publicKeyOf: (key) => proven(() => publicKeyOfPoint(openPrivateKey(key).point)),
    sm3: (data) => {
      prove();
      return use.sm3(data);
    },
    hmacSm3: (key, data) => proven(() => use.hmacSm3(key, data)),
    sm4Encrypt: (plain, how) => proven(() => use.sm4Seal(plain, parametersOf(how))),
    sm4Decrypt: (sealed, how) => proven(() => use.sm4Open(sealed, parametersOf(how))),
    sm2Sign: (message, { key, userId = DEFAULT_SM2_USER_ID, format = 'raw' }) => proven(() => {
      const raw = use.sign(message, { ...openPrivateKey(key), userId });
      return format === 'der' ? signatureToDer(raw) : raw;
    }),
    sm2Verify: (message, how) => proven(() => {
      const raw = rawSignature(how);
      return raw !== undefined && use.verify(message, raw, { point: openPublicKey(how.key), userId: how.userId ?? DEFAULT_SM2_USER_ID });
    }),
    sm2Encrypt: (plain, { key, order = 'c1c3c2' }) => proven(() => use.encrypt(openPublicKey(key), plain, { order })),
    sm2Decrypt: (sealed, { key, order = 'c1c3c2' }) => proven(() => use.decrypt(openPrivateKey(key).scalar, sealed, order)),
  };
}

/** The discriminated options become plain ones; whoever calls from JavaScript without an iv is refused further down. */
function parametersOf(how: Sm4Options): Sm4Parameters {
  const { mode, padding } = how;
  return { key: openSm4Key(how.key), mode, padding, ...(how.mode === 'cbc' ? { iv: how.iv } : {}) };
}

const RAW_BYTES = 64;

function rawSignature({ signature, format = 'any' }: Sm2VerifyOptions): Uint8Array | undefined {
  const isRaw = format === 'raw' || (format === 'any' && signature.length === RAW_BYTES);
  return isRaw ? signature : signatureFromDer(signature);
}

function selfTestFault(use: Primitives): TraceError | undefined {
  const failures = failedKnownAnswers(use);
  if (failures.length === 0) return undefined;
  const missing = failures.filter(({ kind }) => kind === 'missing').map(({ name }) => name);
  const wrong = failures.filter(({ kind }) => kind === 'wrong').map(({ name }) => name);
  if (wrong.length > 0) return new TraceError('INTERNAL', `国密算法自检未通过，已停止签名与加密：${wrong.join('、')}`);
  return new TraceError('CONFIG_INVALID', `本机的 Node.js/OpenSSL 不提供国密算法（常见于 FIPS 或裁剪版），请改用官方 Node.js：${missing.join('、')}`);
}

import { KNOWN_ANSWERS } from '../../../connectors/shared/china-crypto/known-answers.ts';
import { createSoftwareChinaCrypto } from '../../../connectors/shared/china-crypto/software-china-crypto.ts';

/** The pair of GB/T 32918.5; public test data. */
export const STANDARD = { privateKey: KNOWN_ANSWERS.sm2.scalar, publicKey: KNOWN_ANSWERS.sm2.point };
export const ORDER = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;

export const crypto = createSoftwareChinaCrypto();
export const privateKey = crypto.readPrivateKey(STANDARD.privateKey, 'test');
export const publicKey = crypto.readPublicKey(STANDARD.publicKey, 'test');

export const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');
export const fromHex = (hex: string): Uint8Array => Buffer.from(hex, 'hex');
export const toHex = (value: Uint8Array): string => Buffer.from(value).toString('hex');

/** @returns the message of what a promise rejects with, or undefined */
export async function rejection(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** @returns the message of what is thrown, or undefined */
export function thrown(call: () => unknown): string | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

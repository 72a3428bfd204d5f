import { messageSeal, type MessageSeal, type MessageSealOptions } from './message-seal.ts';

/**
 * Jilin (insurance.md section 4(b)): SM2 over the plain JSON of `input`, Base64 of r || s in `cainfo`; `input` itself is the Base64 of
 * that same JSON under SM4/ECB/PKCS#7 with the 16 bytes of the client id as key. What is signed and what is sealed are the same bytes.
 *
 * Of replies the source says only that `output` may be sealed. Their signature, where a platform key is configured, is taken to
 * follow the same rule: over the plain text of `output`.
 */
export function jilinInput(options: MessageSealOptions): MessageSeal {
  return messageSeal(options, { ofRequest: (_members, inputText) => inputText, ofReply: (_members, outputText) => outputText });
}

import type { ErrorCode, Language } from '../domain/error.ts';

interface Words { readonly message: string; readonly action: string }

/** A fault with a published code whose remedy depends on what was found here: who holds the port, who runs on the store. Exit code 1. */
export class OperatorFault extends Error {
  constructor(readonly code: ErrorCode, readonly zh: Words, readonly en: Words, options: { readonly cause?: unknown } = {}) {
    super(`${code}: ${en.message}`, options);
    this.name = 'OperatorFault';
  }

  in(language: Language): Words {
    return language === 'zh' ? this.zh : this.en;
  }
}

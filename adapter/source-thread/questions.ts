import type { CatalogueAnswer, CatalogueEntry, CatalogueIntake } from '../ports/catalogue-intake.ts';
import type { Counters } from '../ports/counters.ts';
import type { HisRecord } from '../ports/his-record.ts';
import type { Question, ToThread } from './protocol.ts';
import type { Post } from './thread-intake.ts';

interface Waiting { readonly resolve: (value: unknown) => void; readonly reject: (fault: Error) => void }

/** The durable counters and the catalogue, asked of the process. */
export class Questions implements Counters, CatalogueIntake {
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;

  constructor(readonly post: Post) {}

  async reserve(institution: string, name: string, size: number): Promise<number> {
    return await this.#ask({ what: 'reserve', with: [institution, name, size] }) as number;
  }

  async recall(institution: string, name: string): Promise<string | undefined> {
    return await this.#ask({ what: 'recall', with: [institution, name] }) as string | undefined;
  }

  async remember(institution: string, name: string, value: string): Promise<void> {
    await this.#ask({ what: 'remember', with: [institution, name, value] });
  }

  async submit(record: HisRecord, entries: readonly CatalogueEntry[]): Promise<CatalogueAnswer> {
    // bytes of their own: a Buffer's whole pool would be cloned
    return await this.#ask({ what: 'catalogue', with: [{ ...record, bytes: Uint8Array.from(record.bytes) }, entries] }) as CatalogueAnswer;
  }

  told({ no, value, fault }: Extract<ToThread, { kind: 'told' }>): void {
    const waiting = this.#waiting.get(no);
    this.#waiting.delete(no);
    if (fault === undefined) waiting?.resolve(value);
    else waiting?.reject(new Error(fault));
  }

  #ask(question: Question): Promise<unknown> {
    const no = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(no, { resolve, reject });
      this.post({ kind: 'question', no, question });
    });
  }
}

/** Things to happen at times of the day; what happens may put more on the agenda. */
export class Agenda {
  readonly #tasks: { readonly minute: number; readonly number: number; readonly run: () => void }[] = [];
  #number = 0;

  /** @param minute minutes after midnight, fractions allowed */
  add(minute: number, run: () => void): void {
    this.#number += 1;
    this.#tasks.push({ minute, number: this.#number, run });
  }

  /** Runs everything in the order of its time; of the same time in the order it was put down. */
  play(begin: (minute: number) => void): void {
    while (this.#tasks.length > 0) {
      this.#tasks.sort((a, b) => a.minute - b.minute || a.number - b.number);
      const task = this.#tasks.shift();
      if (task === undefined) return;
      begin(task.minute);
      task.run();
    }
  }
}

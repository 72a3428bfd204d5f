import { Agenda } from './agenda.ts';
import { demoCatalogue } from './catalogue.ts';
import { DayBook, HL7_SOURCE, REST_SOURCE } from './day-book.ts';
import type { DemoDay } from './demo-day.ts';
import { seededRandom } from './random.ts';
import { SUPPLIERS, type Scene } from './scene.ts';
import { meetTrouble } from './scene-attention.ts';
import { makeMistakes } from './scene-mistakes.ts';
import { serveOutpatients } from './scene-outpatient.ts';
import { takeReturns, voidMistakes } from './scene-returns.ts';
import { countStock, receiveGoods } from './scene-stock-in.ts';
import { runStore } from './scene-store.ts';
import { serveWards } from './scene-ward.ts';
import { Stock } from './stock.ts';

export { expectations } from './demo-day.ts';
export type { DayExpectations, DemoDay, DemoItem, Fate, LineExpectation, MllpInput, RestInput } from './demo-day.ts';

export interface DemoOptions {
  readonly seed: number;
  /** yyyy-MM-dd */
  readonly date: string;
  /** fixmedins_code of the configured institution */
  readonly institution: string;
  /** partner of transfers; default a community health centre that is not configured */
  readonly otherInstitution?: string;
}

/**
 * Makes one synthetic hospital day: catalogue, inputs in order with the answer each must get, and what has to become of every
 * line. Pure: the same options give the same day on every machine. Every whole pack that leaves was received or counted
 * before, and no more units leave an opened pack than it held.
 */
export function demoDay(options: DemoOptions): DemoDay {
  const drugs = demoCatalogue();
  const random = seededRandom(options.seed);
  const catalogue = new Map(drugs.map(({ drug }) => [drug.drug, drug]));
  const book = new DayBook({ institution: options.institution, date: options.date, random, catalogue });
  const otherInstitution = options.otherInstitution ?? 'H35010299999';
  const scene: Scene = { book, random, drugs, otherInstitution, stock: new Stock(random), agenda: new Agenda() };

  countStock(scene);
  receiveGoods(scene);
  serveOutpatients(scene);
  serveWards(scene);
  takeReturns(scene);
  voidMistakes(scene);
  runStore(scene);
  meetTrouble(scene);
  makeMistakes(scene);
  scene.agenda.play((minute) => { book.at(minute); });

  return {
    date: options.date, institution: options.institution, otherInstitution, sources: { hl7: HL7_SOURCE, rest: REST_SOURCE },
    catalogue: drugs.map(({ drug }) => drug), suppliers: SUPPLIERS.map((supplier) => supplier.name), items: book.items, lines: book.lines(),
  };
}

import type { SqlQuery } from '../ports/sql-driver.ts';
import type { DriftWatchDeps } from './drift-deps.ts';
import { acceptedNow, alertGroup, countParked, letProbeGo, releaseGroup, stepProbe } from './group-steps.ts';
import { openGroups, park, type DriftGroup } from './drift-store.ts';

const EVERY_MS = 5_000;

/**
 * Drift watch: tells people once of what a platform no longer takes, keeps new reports of it from burning attempts, lets one try
 * every hour, and lets all go when the platform takes it again. The groups are opened where a refusal is filed (watch-refusal.ts);
 * with none open a look costs one small read.
 */
export class DriftWatch {
  readonly #deps: DriftWatchDeps;
  #timer: NodeJS.Timeout | undefined;
  #underWay: Promise<void> | undefined;
  #stopped = false;
  readonly #open = new Set<string>();

  constructor(deps: DriftWatchDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#timer = setInterval(() => { void this.step(); }, EVERY_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#underWay;
  }

  /**
   * Parks what belongs to an open group before anything is claimed, in the claiming transaction. While no group was open at the last
   * look, nothing is asked of the store.
   */
  async beforeClaim(q: SqlQuery, lane: { readonly institution: string; readonly destination: string }): Promise<void> {
    if (!this.#open.has(laneName(lane))) return;
    for (const group of await openGroups(q, lane.institution)) if (group.destination === lane.destination) await park(q, lane.institution, group);
  }

  /** What platforms no longer take at the moment, with how many reports wait. */
  async list(institution: string): Promise<readonly (DriftGroup & { readonly parked: number })[]> {
    return this.#deps.driver.read(async (q) => {
      const listed: (DriftGroup & { parked: number })[] = [];
      for (const group of await openGroups(q, institution)) listed.push({ ...group, parked: await countParked(q, institution, group) });
      return listed;
    });
  }

  /** A person lets a group go. @returns how many reports, undefined when no such group is open */
  async release(institution: string, groupNo: number, by: string): Promise<number | undefined> {
    const group = (await this.#deps.driver.read((q) => openGroups(q, institution))).find((one) => one.groupNo === groupNo);
    if (group === undefined) return undefined;
    const released = await releaseGroup(this.#deps, institution, group, by);
    this.#deps.log.info('reports released by a person', { institution, destination: group.destination, operation: group.operation, drug: group.product, released, by });
    return released;
  }

  /** One look at every open group; never rejects. Looks do not overlap. */
  step(): Promise<void> {
    this.#underWay ??= this.#look().finally(() => { this.#underWay = undefined; });
    return this.#underWay;
  }

  async #look(): Promise<void> {
    for (const institution of this.#deps.institutions) {
      try {
        const groups = await this.#deps.driver.read((q) => openGroups(q, institution));
        this.#remember(institution, groups);
        for (const group of groups) {
          if (this.#stopped) return;
          await this.#tend(institution, group);
        }
      } catch (error) {
        this.#deps.log.warn('drift watch cannot reach the store', { institution, error: (error as Error).message });
      }
    }
  }

  #remember(institution: string, groups: readonly DriftGroup[]): void {
    for (const name of [...this.#open]) if (name.startsWith(`${institution}\u0000`)) this.#open.delete(name);
    for (const { destination } of groups) this.#open.add(laneName({ institution, destination }));
  }

  async #tend(institution: string, group: DriftGroup): Promise<void> {
    const { driver, clock, log } = this.#deps;
    if (group.alertedAt === undefined) await alertGroup(this.#deps, institution, group);
    if (await acceptedNow(driver, institution, group)) {
      const released = await releaseGroup(this.#deps, institution, group, 'platform');
      log.info('platform takes it again, reports released', { institution, destination: group.destination, operation: group.operation, drug: group.product, released });
      return;
    }
    await driver.write((q) => park(q, institution, group));
    const next = await driver.write((q) => stepProbe(q, institution, group, clock.now()));
    if (next === 'due') await letProbeGo(this.#deps, institution, group);
  }
}

function laneName({ institution, destination }: { readonly institution: string; readonly destination: string }): string {
  return `${institution}\u0000${destination}`;
}

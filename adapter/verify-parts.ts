import type { PartProblem } from './cli/actions.ts';
import type { Config } from './config/config.ts';
import type { Parts } from './context.ts';
import { TraceError } from './domain/error.ts';
import { systemClock } from './ops/system-clock.ts';
import type { Counters } from './ports/counters.ts';
import type { Intake } from './ports/intake.ts';
import { silentLog } from './ports/log.ts';

const nowhere = (): Promise<never> => Promise.reject(new TraceError('STORE_UNAVAILABLE'));
/** Nothing is opened while the configuration is verified, so nothing of the store may be asked either. */
const NO_COUNTERS: Counters = { reserve: nowhere, recall: nowhere, remember: nowhere };
const NO_INTAKE: Intake = { submit: nowhere };

/**
 * Makes every source, destination and the SOAP intake of a configuration as the service would, and opens none: what they find
 * wrong in their own settings (a bill type that is none, a mapping that cannot read HL7) is known before the start.
 * @returns every problem, with the part of the configuration it is in
 */
export async function verifyParts(config: Config, parts: Parts): Promise<readonly PartProblem[]> {
  const { institutions } = config;
  const shared = { institutions, counters: NO_COUNTERS, clock: systemClock, log: silentLog, count: () => undefined };
  const problems: PartProblem[] = [];
  const guard = async (path: string, make: () => Promise<void> | void): Promise<void> => {
    try {
      await make();
    } catch (error) {
      const detail = error instanceof TraceError ? error.detail : (error as Error).message;
      problems.push({ path, detail });
    }
  };
  for (const entry of config.sources) {
    await guard(`sources.${entry.name}`, () => {
      const mapping = entry.changed?.mapping ?? parts.mappings.find(({ name }) => name === entry.mapping);
      parts.sources.find(({ name }) => name === entry.connector)?.create({ ...shared, name: entry.name, settings: { ...entry.settings, institution: entry.institution }, mapping, intake: NO_INTAKE });
    });
  }
  for (const entry of config.destinations) {
    await guard(`destinations.${entry.name}`, async () => {
      await parts.destinations.find(({ name }) => name === entry.connector)?.create({ ...shared, name: entry.name, settings: entry.settings }).stop();
    });
  }
  const soap = config.http.sections?.['soap'];
  if (soap !== undefined) await guard('http.soap', () => { parts.soap?.({ settings: soap, institutions, clock: systemClock, log: silentLog }); });
  return problems;
}

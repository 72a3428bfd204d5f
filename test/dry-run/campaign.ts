import { configOf, configText } from './fixture.ts';
import { playPlanted, STATION_FIRST } from './planted.ts';
import { socketsOpenedBy } from './sockets.ts';

export interface DryRunCampaign { readonly events: number; readonly planted: number; readonly differences: number; readonly exactly: boolean; readonly sockets: readonly string[]; readonly fillSeconds: number; readonly runSeconds: number; readonly faults: readonly string[] }

/** The full size: a store of `events`, `planted` of which a changed mapping reads otherwise. */
export async function dryRunCampaign({ events, planted }: { readonly events: number; readonly planted: number }): Promise<DryRunCampaign> {
  const { store, ids, seconds: fillSeconds } = await playPlanted(events, planted);
  try {
    const begun = performance.now();
    let run: Awaited<ReturnType<typeof store.dryRun>> | undefined;
    const sockets = await socketsOpenedBy(async () => { run = await store.dryRun(configOf(configText('mappingFile: "m.yaml"'), { 'm.yaml': STATION_FIRST }), { limit: events }); });
    const runSeconds = (performance.now() - begun) / 1_000;
    const differences = run?.differences ?? 0;
    const exactly = JSON.stringify(run?.found.map(({ eventId }) => eventId)) === JSON.stringify(ids) && differences === planted && run?.events === events;
    return { events, planted, differences, exactly, sockets, fillSeconds, runSeconds, faults: [...(exactly ? [] : ['not exactly the planted differences']), ...sockets] };
  } finally {
    await store.remove();
  }
}

import { crashCampaign } from './crash-campaign.ts';
import { outageCampaign } from './outage-campaign.ts';

/**
 * `npm run campaign -- crash --kills 110 --seed 1`: SIGKILL under load, every numbered crash point.
 * `npm run campaign -- crash --store postgres --kills 40`: the same on a PostgreSQL that is killed now and then itself.
 * `npm run campaign -- replies --reports 2000`: 5 % of the platforms' replies get lost after the commit; nobody is killed.
 * `npm run campaign -- outage --events 1000 --minutes 30`: both platforms away, refused, silent and behind a gateway's page.
 * Exits 1 when one acknowledged event was lost, one report counted twice, or something did not end by itself.
 */
const COMMANDS = ['crash', 'replies', 'outage'] as const;
const name = COMMANDS.find((command) => process.argv.slice(2).includes(command)) ?? 'crash';

function text(key: string): string | undefined {
  const at = process.argv.indexOf(`--${key}`);
  return at < 0 ? undefined : process.argv[at + 1];
}

function option(key: string, fallback: number): number {
  const given = text(key);
  return given === undefined ? fallback : Number(given);
}

/** a case makes about 2.4 reports at the insurance platform and 2.1 at the MAH system */
const REPORTS_PER_CASE = 4.5;
const say = (line: string): void => { process.stderr.write(`${line}\n`); };

function show(result: object, faults: readonly string[]): void {
  process.stdout.write(`${JSON.stringify({ campaign: name, ...result, passed: faults.length === 0 }, undefined, 2)}\n`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}

if (name === 'outage') {
  const result = await outageCampaign({ events: option('events', 1_000), minutes: option('minutes', 30), speed: option('speed', 60), say });
  show(result, [...result.hammered, ...result.notTaken, ...result.doubled, ...result.unequal, ...result.unsettled]);
} else {
  const seed = option('seed', Date.now() % 1_000_000);
  const result = await crashCampaign(name === 'replies'
    ? { seed, kills: 0, windows: 4, lostReplies: 0.05, cases: Math.ceil(option('reports', 2_000) / REPORTS_PER_CASE), say }
    : { seed, kills: option('kills', 110), windows: option('windows', 8), lostReplies: 0.05, store: text('store') === 'postgres' ? 'postgres' : 'sqlite', say });
  show({ ...result, points: Object.keys(result.pointsHit).length }, [...result.lost, ...result.droppedSilently, ...result.doubled, ...result.unequal, ...result.unsettled]);
}

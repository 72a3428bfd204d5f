import { crashCampaign } from './crash-campaign.ts';

/**
 * `npm run campaign -- crash --kills 110 --seed 1`: SIGKILL under load, every numbered crash point.
 * `npm run campaign -- replies --reports 2000`: 5 % of the platforms' replies get lost after the commit; nobody is killed.
 * Exits 1 when one acknowledged event was lost, one report counted twice, or something did not end by itself.
 */
const [name = 'crash'] = process.argv.slice(2).filter((word) => !word.startsWith('--') && !/^\d/.test(word));

function option(key: string, fallback: number): number {
  const at = process.argv.indexOf(`--${key}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
}

/** a case makes about 2.4 reports at the insurance platform and 2.1 at the MAH system */
const REPORTS_PER_CASE = 4.5;
const seed = option('seed', Date.now() % 1_000_000);
const say = (line: string): void => { process.stderr.write(`${line}\n`); };
const result = name === 'replies'
  ? await crashCampaign({ seed, kills: 0, windows: 4, lostReplies: 0.05, cases: Math.ceil(option('reports', 2_000) / REPORTS_PER_CASE), say })
  : await crashCampaign({ seed, kills: option('kills', 110), windows: option('windows', 8), lostReplies: 0.05, say });
const faults = [...result.lost, ...result.droppedSilently, ...result.doubled, ...result.unequal, ...result.unsettled];
process.stdout.write(`${JSON.stringify({ campaign: name, ...result, points: Object.keys(result.pointsHit).length, passed: faults.length === 0 }, undefined, 2)}\n`);
process.exitCode = faults.length === 0 ? 0 : 1;

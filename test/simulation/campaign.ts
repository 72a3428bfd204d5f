import { crashCampaign } from './crash-campaign.ts';

/** `npm run campaign -- --kills 100 --seed 1`: exits 1 when one acknowledged event was lost, doubled or left over. */
function option(name: string, fallback: number): number {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
}

const result = await crashCampaign({
  seed: option('seed', Date.now() % 1_000_000), kills: option('kills', 110), windows: option('windows', 8), lostReplies: 0.05,
  say: (line) => { process.stderr.write(`${line}\n`); },
});
const faults = [...result.lost, ...result.droppedSilently, ...result.doubled, ...result.unequal, ...result.unsettled];
process.stdout.write(`${JSON.stringify({ ...result, points: Object.keys(result.pointsHit).length, passed: faults.length === 0 }, undefined, 2)}\n`);
process.exitCode = faults.length === 0 ? 0 : 1;

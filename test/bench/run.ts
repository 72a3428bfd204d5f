import { benchIngest } from './ingest.ts';

/** `npm run bench -- ingest [connections]`: measures, never asserts. */
const [name = 'ingest', connections] = process.argv.slice(2);
if (name === 'ingest') {
  for (const count of connections === undefined ? [16, 4] : [Number(connections)]) await benchIngest({ connections: count });
} else {
  process.stderr.write(`unknown bench ${name}; known: ingest\n`);
  process.exitCode = 2;
}

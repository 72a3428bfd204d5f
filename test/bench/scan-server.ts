import { openSqlite } from '../../adapter/store/sqlite/driver.ts';
import { A, B, startHttp } from '../http/fixture.ts';

/** The HTTP side on a store that is filled already: `scan-server.ts STORE`, prints address and token, ends with its standard input. */
const driver = openSqlite({ path: process.argv[2] ?? '' });
const http = await startHttp({ open: () => Promise.resolve({ driver, close: () => driver.close() }), deps: { scan: { members: (institution) => (institution === A ? [B] : []) } } });
process.stdout.write(`${JSON.stringify({ address: http.server.address(), token: http.token('his') })}\n`);
process.stdin.resume();
process.stdin.once('end', () => { void http.close(); });

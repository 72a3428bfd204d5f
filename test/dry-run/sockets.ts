import dgram from 'node:dgram';
import dns from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import undici from 'undici';

type Entry = readonly [object, string];

/** Every way in which Node and our HTTP client open a socket or ask the network something. */
const ENTRIES: readonly Entry[] = [
  [net.Socket.prototype, 'connect'], [net.Server.prototype, 'listen'], [net, 'connect'], [net, 'createConnection'], [tls, 'connect'], [dgram, 'createSocket'],
  [http, 'request'], [http, 'get'], [https, 'request'], [https, 'get'], [dns, 'lookup'], [dns, 'resolve'], [dns.promises, 'lookup'], [dns.promises, 'resolve'],
  [undici.Agent.prototype, 'dispatch'], [undici.Pool.prototype, 'dispatch'], [undici.Client.prototype, 'dispatch'], [globalThis, 'fetch'],
];

/** @returns how often one of them was used while the work ran; each use fails */
export async function socketsOpenedBy(work: () => Promise<void>): Promise<readonly string[]> {
  const used: string[] = [];
  const restore = ENTRIES.map(([owner, name]) => {
    const before = Object.getOwnPropertyDescriptor(owner, name) ?? { value: undefined, configurable: true, writable: true };
    const owned = Object.hasOwn(owner, name);
    Object.defineProperty(owner, name, { ...before, value: () => { used.push(name); throw new Error(`${name} was used`); } });
    return () => { if (owned) Object.defineProperty(owner, name, before); else Reflect.deleteProperty(owner, name); };
  });
  try {
    await work();
  } finally {
    for (const undo of restore) undo();
  }
  return used;
}

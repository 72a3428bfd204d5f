import { BlockList, isIP } from 'node:net';
import type { AckMode, CharsetSetting, Hl7Settings } from './settings.ts';

/** Everything that may differ from peer to peer. */
export interface PeerProfile {
  readonly charset: CharsetSetting;
  readonly institution: string | undefined;
  readonly ackMode: AckMode;
  readonly echoControlId: boolean;
}

/** @returns a function from remote address to profile: the first entry of `peers` that matches, over the settings of the source */
export function peerProfiles(settings: Hl7Settings): (address: string) => PeerProfile {
  const base: PeerProfile = { charset: settings.charset, institution: settings.institution, ackMode: settings.ack.mode, echoControlId: settings.ack.echoControlId };
  const peers = settings.peers.map((peer) => ({
    matches: matcher(peer.address),
    profile: {
      charset: peer.charset ?? base.charset, institution: peer.institution ?? base.institution,
      ackMode: peer.ackMode ?? base.ackMode, echoControlId: peer.echoControlId ?? base.echoControlId,
    },
  }));
  return (address) => peers.find((peer) => peer.matches(address))?.profile ?? base;
}

/** @returns whether an entry of `peers` names an address or network that can be matched */
export function isPeerAddress(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

function matcher(text: string): (address: string) => boolean {
  if (!isPeerAddress(text)) return () => false;
  const [network = '', bits] = text.split('/');
  if (bits === undefined) return (address) => address.toLowerCase() === network.toLowerCase();
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family);
  return (address) => isIP(address) === (family === 'ipv6' ? 6 : 4) && list.check(address, family);
}

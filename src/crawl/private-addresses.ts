/**
 * Which IP addresses are not of the public internet, so that neither a redirect nor a name that is looked up can lead
 * the collector into the network it runs in. Ranges: the IANA special-purpose address registries (RFC 6890).
 */
import { BlockList, isIP } from 'node:net';

export interface AddressRanges {
  /** `address` is an IPv4 or IPv6 address without brackets; anything else is neither. */
  readonly isLoopback: (address: string) => boolean;
  /** Private, shared, link-local, unspecified, multicast, reserved, and loopback. */
  readonly isPrivate: (address: string) => boolean;
}

const privateIpv4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
];

const privateIpv6: readonly (readonly [string, number])[] = [
  ['::', 127],
  ['64:ff9b:1::', 48],
  ['fc00::', 7],
  ['fe80::', 9],
  ['ff00::', 8],
];

/** Makes the tables; an IPv4 address written as IPv6 (`::ffff:10.0.0.1`) counts as what it stands for. */
export function createAddressRanges(): AddressRanges {
  const privates = new BlockList();
  for (const [network, bits] of privateIpv4) privates.addSubnet(network, bits, 'ipv4');
  for (const [network, bits] of privateIpv6) privates.addSubnet(network, bits, 'ipv6');
  const loopbacks = new BlockList();
  loopbacks.addSubnet('127.0.0.0', 8, 'ipv4');
  loopbacks.addAddress('::1', 'ipv6');
  return { isLoopback: (address) => isIn(loopbacks, address), isPrivate: (address) => isIn(privates, address) };
}

function isIn(list: BlockList, address: string): boolean {
  const version = isIP(address);
  return version !== 0 && list.check(address, version === 4 ? 'ipv4' : 'ipv6');
}

/**
 * Which process this is, so that another one can tell later whether it is gone: a node that was killed may then be
 * started again under its name at once. Where this cannot be told for certain, the process counts as alive.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

export interface ProcessIdentity {
  /** Machine, boot and process namespace: a number of a process means nothing outside of them. */
  readonly machine: string;
  readonly pid: number;
  /** In clock ticks since boot, as Linux tells it; '' elsewhere. Numbers of processes are used again. */
  readonly startedAtTick: string;
}

/** The process that calls. */
export function thisProcess(): ProcessIdentity {
  const boot = orEmpty(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  const namespace = orEmpty(() => readlinkSync('/proc/self/ns/pid'));
  const machine = [hostname(), boot, namespace].filter((part) => part !== '').join(' ');
  return { machine, pid: process.pid, startedAtTick: statOf(process.pid)?.startedAtTick ?? '' };
}

/** True when the process has certainly ended: it ran on this machine, and is not there any more. */
export function isGone(other: ProcessIdentity, self: ProcessIdentity = thisProcess()): boolean {
  if (other.machine !== self.machine) return false;
  if (!isThere(other.pid)) return true;
  const stat = statOf(other.pid);
  if (stat === null) return false;
  // A killed process whose parent has not looked yet is still listed.
  return stat.state === 'Z' || stat.state === 'X' || stat.startedAtTick !== other.startedAtTick;
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

/** Null where the system does not tell. */
function statOf(pid: number): { readonly state: string; readonly startedAtTick: string } | null {
  const text = orEmpty(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  // The name, in brackets, may itself hold spaces and brackets; see proc(5) for the fields.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, startedAtTick] = [fields[0], fields[19]];
  return state === undefined || startedAtTick === undefined ? null : { state, startedAtTick };
}

/** What is read of /proc is missing on other systems, or hidden. */
function orEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}

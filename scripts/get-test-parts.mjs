// Makes sure the programs that the tests start are here: redis-server, openssl and Chromium. On a Debian-like system, as
// root, it installs what is missing; anywhere else it says in one sentence what to install, and fails.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const parts = [
  { program: 'redis-server', names: ['redis-server'], aptPackage: 'redis-server' },
  { program: 'openssl', names: ['openssl'], aptPackage: 'openssl' },
  { program: 'chromium', names: ['chromium', 'chromium-browser', 'google-chrome'], aptPackage: 'chromium' },
];

function findProgram(names) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return names.some((name) => folders.some((folder) => isExecutable(join(folder, name))));
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // "not there" is one of the two answers asked for
  }
}

function findMissing() {
  return parts.filter((part) => !findProgram(part.names));
}

function canInstall() {
  return process.getuid?.() === 0 && findProgram(['apt-get']);
}

function runApt(args) {
  const lockWait = ['-o', 'DPkg::Lock::Timeout=300'];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // What apt prints goes to stderr: stdout is the tests'.
  return spawnSync('apt-get', [...lockWait, ...args], { stdio: ['ignore', 2, 2], env }).status === 0;
}

function describe(missing, reason) {
  const programs = missing.map((part) => part.program).join(' and ');
  const packages = missing.map((part) => part.aptPackage).join(' ');
  return `The tests need ${programs}: ${reason}; install from your system's packages (Debian: apt-get install ${packages}).`;
}

const missing = findMissing();
if (missing.length > 0 && !canInstall()) {
  console.error(describe(missing, 'not found, and only root on a Debian-like system can install from here'));
  process.exitCode = 1;
} else if (missing.length > 0) {
  const packages = missing.map((part) => part.aptPackage);
  console.error(`Installing ${packages.join(' and ')} for the tests.`);
  const isInstalled = runApt(['update']) && runApt(['install', '-y', '--no-install-recommends', ...packages]);
  const stillMissing = findMissing();
  if (!isInstalled || stillMissing.length > 0) {
    console.error(
      describe(stillMissing.length > 0 ? stillMissing : missing, 'not found, and apt-get could not install'),
    );
    process.exitCode = 1;
  }
}

/**
 * How Chromium is started: under our own name, without a network, without service workers, in its sandbox when the
 * machine allows one. Options: https://playwright.dev/docs/api/class-browsertype#browser-type-launch
 */
import type { BrowserContextOptions, LaunchOptions } from 'playwright-core';

export interface Launching {
  readonly launchOptions: () => LaunchOptions;
  /** For the context of each page. */
  readonly pageOptions: BrowserContextOptions;
  /**
   * Whether the start failed for want of a sandbox, as it does for root and in many containers; from then on browsers
   * are started without.
   */
  readonly dropSandboxAfter: (error: unknown) => boolean;
}

/** Nothing listens on the discard port: a request that was not intercepted ends there, loopback included. */
const proxyToNowhere = { server: 'http://127.0.0.1:9' };

const chromiumArguments = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-pings',
  // WebRTC could otherwise send packets that no interception sees.
  '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
] as const;

interface LaunchInput {
  readonly executablePath: string;
  readonly userAgent: string;
  readonly startLimitMs: number;
}

/** The options of one pool of browsers. */
export function createLaunching({ executablePath, userAgent, startLimitMs }: LaunchInput): Launching {
  let isSandboxed = true;
  return {
    dropSandboxAfter: (error) => {
      if (!isSandboxed || !/sandboxing failed|usable sandbox/i.test(textOf(error))) return false;
      isSandboxed = false;
      return true;
    },
    launchOptions: () => ({
      executablePath,
      headless: true,
      chromiumSandbox: isSandboxed,
      args: [...chromiumArguments],
      proxy: proxyToNowhere,
      timeout: startLimitMs,
      // The signals of this process are handled by whoever started the run.
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    }),
    pageOptions: {
      userAgent,
      proxy: proxyToNowhere,
      locale: 'fi-FI',
      serviceWorkers: 'block',
      acceptDownloads: false,
    },
  };
}

/** The message with those of its causes: the pool wraps what Chromium says. */
function textOf(error: unknown): string {
  return error instanceof Error ? `${error.message} ${textOf(error.cause)}` : '';
}

/**
 * `oikotie config`: the configuration in force, each value with its unit and where it came from. It starts nothing and
 * shows no secret.
 */
import { configPathFor } from '../config/config-path.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import type { EffectiveKnob } from '../config/read-section.ts';
import { shownValue } from '../config/shown-settings.ts';
import type { CommandIo } from './command.ts';
import { exitCodes } from './command.ts';
import { loadCommandConfig } from './command-config.ts';

export interface ConfigOptions {
  /** Undefined takes the usual place. */
  readonly configPath: string | undefined;
  readonly json: boolean;
}

/**
 * Prints the effective configuration and gives back the exit code.
 * @throws ConfigError with every problem at once.
 */
export async function runConfig(options: ConfigOptions, io: CommandIo): Promise<number> {
  const loaded = await loadCommandConfig(options.configPath);
  const path = configPathFor(options.configPath);
  io.stdout.write(options.json ? renderJson(loaded, path) : renderText(loaded, path));
  for (const warning of loaded.warnings) io.stderr.write(`warning: ${warning}\n`);
  return exitCodes.ok;
}

interface ShownKnob {
  readonly path: string;
  readonly value: unknown;
  readonly unit: string;
  readonly source: string;
}

function showKnob(effective: EffectiveKnob): ShownKnob {
  const { path, source, variable, knob } = effective;
  const from = variable === null ? source : `environment ${variable}`;
  return { path, value: shownValue(effective), unit: knob.unit, source: from };
}

/** The configuration in force as JSON, secrets masked. */
export function renderJson({ config, knobs, warnings }: LoadedConfig, path: string): string {
  const inForce = { userAgent: config.crawler.userAgent, nodeId: config.nodeId };
  return `${JSON.stringify({ path, inForce, knobs: knobs.map(showKnob), warnings }, null, 2)}\n`;
}

function renderText({ config, knobs }: LoadedConfig, path: string): string {
  const lines = [`configuration file  ${path}`];
  for (const [section, shown] of groupBySection(knobs.map(showKnob))) {
    lines.push('', section, ...renderSection(shown, section.length + 1));
  }
  lines.push('', 'in force', `  User-Agent  ${config.crawler.userAgent}`, `  node        ${config.nodeId}`);
  return `${lines.join('\n')}\n`;
}

/** Sections in the order of the file: `tasks[0]`, …, `global_settings`. */
function groupBySection(knobs: readonly ShownKnob[]): Map<string, ShownKnob[]> {
  const sections = new Map<string, ShownKnob[]>();
  for (const knob of knobs) {
    const section = knob.path.slice(0, knob.path.indexOf('.'));
    sections.set(section, [...(sections.get(section) ?? []), knob]);
  }
  return sections;
}

/** Lines of name, source and value; the value comes last because a url may be long. */
function renderSection(knobs: readonly ShownKnob[], prefixLength: number): string[] {
  const names = knobs.map((knob) => knob.path.slice(prefixLength));
  const nameWidth = Math.max(...names.map((name) => name.length));
  const sourceWidth = Math.max(...knobs.map((knob) => knob.source.length));
  return knobs.map((knob, index) => {
    const name = (names[index] ?? '').padEnd(nameWidth);
    return `  ${name}  ${knob.source.padEnd(sourceWidth)}  ${renderValue(knob)}`;
  });
}

function renderValue({ value, unit }: ShownKnob): string {
  const hasUnit = typeof value === 'number' && unit !== '';
  return hasUnit ? `${value} ${unit}` : JSON.stringify(value);
}

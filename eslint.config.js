/**
 * Only what Biome cannot check: rules that need the compiler's types, the size caps of a file and a function, and the
 * rule that nothing but config/ reads the environment. Everything about form is Biome's.
 */
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const sizeCaps = {
  'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
  'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
};

const environmentRules = {
  'no-restricted-properties': [
    'error',
    { object: 'process', property: 'env', message: 'Only config/ reads the environment; take the value from Config.' },
  ],
  'no-restricted-imports': [
    'error',
    {
      paths: ['node:process', 'process'].map((name) => ({
        name,
        importNames: ['env'],
        message: 'Only config/ reads the environment; take the value from Config.',
      })),
    },
  ],
};

/** With its dependency rule: an address that somebody sends to the dashboard is never asked by it. */
const requestRules = {
  'no-restricted-globals': [
    'error',
    ...['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest'].map((name) => ({
      name,
      message: 'The dashboard asks no address by itself; scripts of its pages are under dashboard/assets/.',
    })),
  ],
};

export default defineConfig(
  { ignores: ['dist/**', 'node_modules/**', 'data/**', 'output/**', '**/*.js', '**/*.cjs', '**/*.mjs', '*.config.ts'] },
  {
    files: ['**/*.ts', '**/*.tsx'],
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    plugins: { '@typescript-eslint': tseslint.plugin },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/require-await': 'off',
    },
  },
  { files: ['dashboard/**/*.ts', 'dashboard/**/*.tsx'], rules: requestRules },
  { files: ['**/*.ts', '**/*.tsx'], ignores: ['tests/**'], rules: sizeCaps },
  { files: ['**/*.ts', '**/*.tsx'], ignores: ['config/**', 'tests/**', 'scripts/**'], rules: environmentRules },
);

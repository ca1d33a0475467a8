/**
 * The part of undici that every run uses, under the path of its own file. The front door also loads fetch, WebSocket,
 * caches and mocks: 9 MB and 80 ms of every start that nothing but a proxy needs.
 */
declare module 'undici/lib/dispatcher/agent.js' {
  // biome-ignore lint/style/noDefaultExport: a CommonJS file is imported as one.
  export { Agent as default } from 'undici';
}

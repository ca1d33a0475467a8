/**
 * The three parts of undici that are used, under the paths of their own files. Its front door also loads fetch,
 * WebSocket, caches and mocks: 9 MB and 80 ms of every start that nothing here asks for.
 */
declare module 'undici/lib/dispatcher/agent.js' {
  // biome-ignore lint/style/noDefaultExport: a CommonJS file is imported as one.
  export { Agent as default } from 'undici';
}
declare module 'undici/lib/dispatcher/pool.js' {
  // biome-ignore lint/style/noDefaultExport: a CommonJS file is imported as one.
  export { Pool as default } from 'undici';
}
declare module 'undici/lib/dispatcher/proxy-agent.js' {
  // biome-ignore lint/style/noDefaultExport: a CommonJS file is imported as one.
  export { ProxyAgent as default } from 'undici';
}

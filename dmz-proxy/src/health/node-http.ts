import process from 'node:process';

/**
 * Node's own HTTP, without what an `import` of it brings along.
 *
 * An import reads every export of the module, and three of them (WebSocket and its events) are made when they are
 * read: a whole client for the web, which no program of ours wants in its memory nor waits for at its start.
 */
export const http = process.getBuiltinModule('node:http');

#!/usr/bin/env node
import { resolve } from 'node:path';
import process from 'node:process';
import { compiledCode } from '../src/compiled-code.ts';
import { childEnvironment, codeFolders, launcherArguments } from '../src/launch.ts';
import { permissionModelIn } from '../src/permission-model.ts';

// Becomes the launcher, with exactly the rights it needs: Node has no way to give them up later, and a parent
// that stayed would only stand between the launcher and the service manager. What it imports, every start pays.

const folder = resolve(process.argv[2] ?? '.');
const code = codeFolders();
const words = launcherArguments(code, folder, permissionModelIn(folder));
const environment = childEnvironment(process.env, compiledCode(code.proxy));
process.execve?.(process.execPath, [process.execPath, ...words], environment);

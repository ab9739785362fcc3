#!/usr/bin/env node
import { resolve } from 'node:path';
import process from 'node:process';
import { readBundle } from '../src/bundle.ts';
import { childEnvironment, codeFolders, launcherArguments } from '../src/launch.ts';

// Becomes the launcher, with exactly the rights it needs: Node has no way to give them up later, and a parent
// that stayed would only stand between the launcher and the service manager.

const folder = resolve(process.argv[2] ?? '.');
const bundle = readBundle(folder);
// A bundle that cannot be read is the launcher's to report.
const permissionModel = bundle.ok ? bundle.value.config.permissionModel : 'required';
const words = launcherArguments(codeFolders(), folder, permissionModel);
process.execve?.(process.execPath, [process.execPath, ...words], childEnvironment(process.env));

// Runs TypeScript in a process that a test starts: `node --import …/typescript.mjs file.ts`. Quicker to start than tsx, and it
// gives functions no names while they run, which takes a sixth of a busy process.
import { transformFileSync } from '@swc/core';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread, workerData } from 'node:worker_threads';

// Hooks run in a thread of their own, which loads this file once more; threads of ours need hooks of their own.
if (isMainThread || workerData?.room === 'inference-server') register(import.meta.url);

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const jsc = { parser: { syntax: 'typescript' }, target: 'es2023' };
  const { code } = transformFileSync(fileURLToPath(url), { jsc, module: { type: 'es6' }, sourceMaps: 'inline' });
  return { format: 'module', source: code, shortCircuit: true };
}

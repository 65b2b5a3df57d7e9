// A Jest reporter: prints why tests were skipped, and leaves counts, minutes and what is under way for test.mjs, which may have to end
// a run that does not end by itself.
import { renameSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './prepare.mjs';
import { roomOf } from './rooms.mjs';

const nameOf = (path) => relative(join(root, 'test'), path);

export default class Summary {
  #counts = { passed: 0, failed: 0, skipped: 0 };
  #minutes = {};
  #running = new Set();
  #skipped = new Map();
  #isDone = false;

  onTestFileStart({ path, context }) {
    this.#running.add(`${context.config.displayName.name} ${nameOf(path)}`);
    this.#leave();
  }

  onTestFileResult({ path, context }, file) {
    this.#running.delete(`${context.config.displayName.name} ${nameOf(path)}`);
    const { name } = roomOf(nameOf(path));
    this.#minutes[name] = (this.#minutes[name] ?? 0) + (file.perfStats.end - file.perfStats.start) / 60_000;
    // A file that could not even be loaded counts as one failure.
    const unloaded = file.testExecError && file.numFailingTests === 0 ? 1 : 0;
    this.#counts.passed += file.numPassingTests;
    this.#counts.failed += file.numFailingTests + unloaded;
    this.#counts.skipped += file.numPendingTests + file.numTodoTests;
    for (const test of file.testResults) {
      if (test.status !== 'pending' && test.status !== 'todo') continue;
      const reason = test.ancestorTitles.find((title) => title.includes('skipped: ')) ?? test.fullName;
      this.#skipped.set(reason, (this.#skipped.get(reason) ?? 0) + 1);
    }
    this.#leave();
  }

  onRunComplete() {
    for (const [reason, count] of this.#skipped) process.stderr.write(`${count} × ${reason}\n`);
    this.#isDone = true;
    this.#leave();
  }

  #leave() {
    const file = process.env.DOWNLINK_TEST_SUMMARY;
    if (!file) return;
    const said = { counts: this.#counts, minutes: this.#minutes, running: [...this.#running], isDone: this.#isDone };
    // Whoever reads it meanwhile sees all of it or nothing new.
    writeFileSync(`${file}.new`, JSON.stringify(said));
    renameSync(`${file}.new`, file);
  }
}

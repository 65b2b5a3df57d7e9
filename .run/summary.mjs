// A Jest reporter: prints why tests were skipped, and leaves counts and minutes for test.mjs.
import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './prepare.mjs';
import { roomOf } from './rooms.mjs';

export default class Summary {
  onRunComplete(_contexts, results) {
    const minutes = {};
    const skipped = new Map();
    for (const file of results.testResults) {
      const { name } = roomOf(relative(join(root, 'test'), file.testFilePath));
      minutes[name] = (minutes[name] ?? 0) + (file.perfStats.end - file.perfStats.start) / 60_000;
      for (const test of file.testResults) {
        if (test.status !== 'pending' && test.status !== 'todo') continue;
        const reason = test.ancestorTitles.find((title) => title.includes('skipped: ')) ?? test.fullName;
        skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
      }
    }
    for (const [reason, count] of skipped) process.stderr.write(`${count} × ${reason}\n`);
    // A file that could not even be loaded counts as one failure.
    const unloaded = results.testResults.filter((file) => file.testExecError && file.numFailingTests === 0).length;
    const counts = {
      passed: results.numPassedTests,
      failed: results.numFailedTests + unloaded,
      skipped: results.numPendingTests + results.numTodoTests,
    };
    if (process.env.DOWNLINK_TEST_SUMMARY) {
      writeFileSync(process.env.DOWNLINK_TEST_SUMMARY, JSON.stringify({ counts, minutes }));
    }
  }
}

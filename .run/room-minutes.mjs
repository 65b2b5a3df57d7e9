// A Jest reporter: the reasons of what was skipped, the minutes of each room beside its budget, and the counts for test.mjs.
import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './prepare.mjs';
import { roomOf, rooms } from './rooms.mjs';

export default class RoomMinutes {
  onRunComplete(_contexts, results) {
    const spent = new Map(rooms.map((room) => [room, 0]));
    const skipped = new Map();
    for (const file of results.testResults) {
      const room = roomOf(relative(join(root, 'test'), file.testFilePath));
      spent.set(room, spent.get(room) + (file.perfStats.end - file.perfStats.start) / 60_000);
      for (const test of file.testResults) {
        if (test.status !== 'pending' && test.status !== 'todo') continue;
        const reason = test.ancestorTitles.find((title) => title.includes('skipped: ')) ?? test.fullName;
        skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
      }
    }
    const lines = [...skipped].map(([reason, count]) => `${count} × ${reason}`);
    for (const [room, minutes] of spent) {
      if (minutes > 0) lines.push(`${room.name}: ${minutes.toFixed(1)} of ${room.minutes} minutes`);
    }
    process.stderr.write(`\n${lines.join('\n')}\n`);
    // A file that could not even be loaded counts as one failure.
    const unloaded = results.testResults.filter((file) => file.testExecError && file.numFailingTests === 0).length;
    const counts = {
      passed: results.numPassedTests,
      failed: results.numFailedTests + unloaded,
      skipped: results.numPendingTests + results.numTodoTests,
    };
    if (process.env.DOWNLINK_TEST_COUNTS) writeFileSync(process.env.DOWNLINK_TEST_COUNTS, JSON.stringify(counts));
  }
}

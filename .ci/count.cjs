// node count.cjs REPORT CODE: the one closing line, from vitest's JSON report and the runner's exit code.
// Plain CommonJS: it must run on whatever Node is there, also when nothing could be installed.
const { readFileSync } = require("node:fs");

const [, , path, code] = process.argv;

function count() {
  const report = JSON.parse(readFileSync(path, "utf8"));
  // A file that fails before its tests are known counts as one failed test.
  const broken = report.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  ).length;
  return { passed: report.numPassedTests, failed: report.numFailedTests + broken, skipped: report.numPendingTests + report.numTodoTests };
}

let counted;
try {
  counted = count();
} catch {
  counted = { passed: 0, failed: 1, skipped: 0 };
}
// The runner can fail for more than a test: an error outside of any, say.
if (code !== "0" && counted.failed === 0) counted.failed = 1;
console.log(`${counted.passed} passed, ${counted.failed} failed, ${counted.skipped} skipped`);

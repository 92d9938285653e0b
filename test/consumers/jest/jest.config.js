/** Node 24.9 or newer, which Jest lets load ES modules by require(). */
module.exports = {
  testEnvironment: "node",
  testTimeout: 180_000,
  transform: { "^.+\\.ts$": ["ts-jest", { tsconfig: "tsconfig.json" }] },
};

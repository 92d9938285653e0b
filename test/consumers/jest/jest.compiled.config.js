/** Any Node: the package and what it imports are ES modules, which ts-jest compiles. */
module.exports = {
  testEnvironment: "node",
  testTimeout: 180_000,
  transformIgnorePatterns: ["/node_modules/(?!(freedom-pay-charge|jose|valibot|@noble/hashes|@rgrove/parse-xml)/)"],
  transform: { "^.+\\.[jt]s$": ["ts-jest", { tsconfig: { target: "ES2022", module: "commonjs", allowJs: true, isolatedModules: true } }] },
};

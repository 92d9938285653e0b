/** The oldest browsers that the element supports, by name: 2021 and 2022. Their JavaScript is what the script-tag file is built for. */
export const SUPPORTED_BROWSERS = { chrome: "98", edge: "98", firefox: "93", safari: "16" } as const;

/** The same as a bundler's targets. */
export const ELEMENT_TARGETS: readonly string[] = Object.entries(SUPPORTED_BROWSERS).map(([name, version]) => name + version);

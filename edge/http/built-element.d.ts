/** The built widget as text: see `[[rules]]` in wrangler.toml. */
declare module "*/freedom-pay-charge.js" {
  const source: string;
  export default source;
}

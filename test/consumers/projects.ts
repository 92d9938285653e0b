/** A mistake in a file of a project, that its type check must find. */
export interface Mistake {
  readonly file: string;
  readonly right: string;
  readonly wrong: string;
  readonly says: RegExp;
}

/** A project that uses the package as a page of that kind would. */
export interface Project {
  /** Its folder. */
  readonly name: string;
  /** The npm scripts that build it; each build is looked at. */
  readonly builds: readonly string[];
  /** How a server renders its page, for which `npm run build:hydrate` builds. */
  readonly renders?: "vite" | "angular";
  readonly mistakes: readonly Mistake[];
}

/** The same three mistakes, as each kind of template writes them: an unknown value, an unknown name, an unknown member of the detail. */
function mistakesIn(file: string, [theme, name]: readonly (readonly [right: string, wrong: string, says: RegExp])[]): readonly Mistake[] {
  const listed = [theme, name, ["detail.order_id", "detail.order", /'order' does not exist on type '[^']*ChargeDetail'/] as const];
  return listed.flatMap((mistake) => (mistake ? [{ file, right: mistake[0], wrong: mistake[1], says: mistake[2] }] : []));
}

export const PROJECTS: readonly Project[] = [
  {
    name: "plain-ts",
    builds: ["build"],
    mistakes: mistakesIn("src/main.ts", [
      ["pay.token = token;", 'pay.token = token; pay.theme = "black";', /Type '"black"' is not assignable/],
      ["pay.endpoint", "pay.edge", /'edge' does not exist on type 'FreedomPayCharge'/],
    ]),
  },
  {
    name: "react-19",
    renders: "vite",
    // React mounts twice in its development build alone.
    builds: ["build", "build:strict-mode"],
    mistakes: mistakesIn("src/Payment.tsx", [
      ["token={token}", 'token={token} theme="black"', /Type '"black"' is not assignable/],
      ["endpoint={", "edge={", /'edge' does not exist on type/],
    ]),
  },
  {
    name: "vue",
    renders: "vite",
    builds: ["build"],
    mistakes: mistakesIn("src/Payment.vue", [
      [':token="token"', ':token="token" theme="black"', /Type '"black"' is not assignable/],
      [':endpoint="', ':edge="', /'edge' does not exist in type/],
    ]),
  },
  {
    name: "svelte",
    renders: "vite",
    builds: ["build"],
    mistakes: mistakesIn("src/Payment.svelte", [
      ["{token}", '{token} theme="black"', /Type '"black"' is not assignable/],
      ["{endpoint}", "edge={endpoint}", /'"edge"' does not exist in type/],
    ]),
  },
  {
    name: "angular",
    renders: "angular",
    builds: ["build"],
    mistakes: [
      ...mistakesIn("src/payment.component.ts", [
        ['[token]="token()"', '[token]="token()" theme="black"', /Type '"black"' is not assignable/],
        // A name that is unknown is not found: a page that allows custom elements allows any name on them.
        ['[token]="token()"', '[token]="7"', /Type 'number' is not assignable to type 'string'/],
      ]),
      { file: "src/payment.component.ts", right: '[token]="token()"', wrong: "", says: /Required input 'token'/ },
    ],
  },
];

/** Who takes part in a charge. */
export type Party = "browser" | "shop" | "edge" | "gateway";

/** A header's name in lower case, and its value. */
export type Header = readonly [name: string, value: string];

/** One request and what came back. */
export interface Exchange {
  /** ISO 8601, when the request was sent. */
  readonly at: string;
  readonly from: Party;
  readonly to: Party;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: readonly Header[];
  readonly body: string;
  /** Null when no answer arrived, or when it was not waited for. */
  readonly answer: { readonly status: number; readonly headers: readonly Header[]; readonly body: string } | null;
  /** From the request to the whole answer. */
  readonly milliseconds: number;
  /** True when whoever asked gave it up. */
  readonly givenUp: boolean;
}

/** Headers that only say how the bytes travelled. */
const TRANSPORT =
  /^(accept-encoding|accept-language|cf-.*|connection|content-length|date|host|keep-alive|mf-.*|priority|sec-.*|transfer-encoding|user-agent|x-forwarded-.*|x-real-ip)$/;

/** What is as good as a key to whoever holds it, and what is shown instead. */
const BEARERS: readonly (readonly [RegExp, string])[] = [
  // A charge token without its signature: anybody may read it, nobody can use it.
  [/\b(eyJ[\w-]+\.eyJ[\w-]+)\.[\w-]+/g, "$1.(left out)"],
  // A callback's ticket.
  [/\b(A-\d{6}(?:--\d+)?)\.[\w-]+\.[\w-]+/g, "$1.(left out)"],
];

/**
 * The exchange as it may be shown: without keys, bearers and what is only about transport.
 *
 * @param keys - texts that are never shown
 */
export function withoutSecrets(exchange: Exchange, keys: readonly string[] = []): Exchange {
  const clean = (text: string): string =>
    BEARERS.reduce(
      (shown, [bearer, instead]) => shown.replace(bearer, instead),
      keys.reduce((shown, key) => shown.replaceAll(key, "(left out)"), text),
    );
  const cleanHeaders = (headers: readonly Header[]): Header[] =>
    headers.filter(([name]) => !TRANSPORT.test(name)).map(([name, value]) => [name, clean(value)]);
  return {
    ...exchange,
    path: clean(exchange.path),
    headers: cleanHeaders(exchange.headers),
    body: clean(exchange.body),
    answer: exchange.answer && {
      status: exchange.answer.status,
      headers: cleanHeaders(exchange.answer.headers),
      body: clean(exchange.answer.body),
    },
  };
}

/**
 * A fetch that also tells every exchange. The answer is passed on untouched.
 *
 * @param tell - is told an exchange when it is over
 * @param begin - is told it when it begins, still without an answer
 */
export function observed(
  inner: typeof fetch,
  parties: (url: URL) => { readonly from: Party; readonly to: Party } | null,
  tell: (exchange: Exchange) => void,
  begin: (exchange: Exchange) => void = () => {},
): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    const between = parties(url);
    if (between === null) return inner(request);
    const started = Date.now();
    const said = {
      at: new Date(started).toISOString(),
      ...between,
      method: request.method,
      path: url.pathname + url.search,
      headers: [...request.headers],
      body: await request.clone().text(),
    };
    begin({ ...said, answer: null, milliseconds: 0, givenUp: false });
    const end = (answer: Exchange["answer"]): void => {
      tell({ ...said, answer, milliseconds: Date.now() - started, givenUp: answer === null && request.signal.aborted });
    };
    try {
      const response = await inner(request);
      response
        .clone()
        .text()
        .then(
          (body) => end({ status: response.status, headers: [...response.headers], body }),
          () => end(null),
        );
      return response;
    } catch (error) {
      end(null);
      throw error;
    }
  };
}

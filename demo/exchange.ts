/** The parties of a charge. */
export type Party = "browser" | "shop" | "edge" | "gateway";

/** A header's name in lower case, and its value. */
export type Header = readonly [name: string, value: string];

/** One request and its answer. */
export interface Exchange {
  /** The time of the request, ISO 8601. */
  readonly at: string;
  readonly from: Party;
  readonly to: Party;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: readonly Header[];
  readonly body: string;
  /** Null when no answer arrived, or the request was aborted. */
  readonly answer: { readonly status: number; readonly headers: readonly Header[]; readonly body: string } | null;
  /** From the request to the end of the answer. */
  readonly milliseconds: number;
  /** True when the sender aborted the request. */
  readonly aborted: boolean;
}

/** Headers of the transport, and the shopper's session. */
const TRANSPORT =
  /^(accept-encoding|accept-language|cf-.*|connection|content-length|cookie|date|host|keep-alive|mf-.*|priority|sec-.*|transfer-encoding|user-agent|x-forwarded-.*|x-real-ip)$/;

/** Bearer secrets and their replacements. */
const BEARER_SECRETS: readonly (readonly [RegExp, string])[] = [
  // A charge token without its signature can be read but not used.
  [/\b(eyJ[\w-]+\.eyJ[\w-]+)\.[\w-]+/g, "$1.(left out)"],
  // A callback's ticket.
  [/\b(A-\d{6}(?:--\d+)?)\.[\w-]+\.[\w-]+/g, "$1.(left out)"],
  // The address of a payment page, and its form: enough to pay there.
  [/(customer=|form=|name="form" value=")[\w.-]+/g, "$1(left out)"],
  // The code of a return: unlike a code of an error it has digits or capitals.
  [/(freedom_pay_return=|"(?:return_)?code":\s*")(?=[\w-]*[A-Z0-9])[\w-]{22,}/g, "$1(left out)"],
];

/**
 * The exchange without keys, bearer secrets and transport headers.
 *
 * @param keys - texts to redact
 */
export function withoutSecrets(exchange: Exchange, keys: readonly string[] = []): Exchange {
  const redact = (text: string): string =>
    BEARER_SECRETS.reduce(
      (shown, [bearer, replacement]) => shown.replace(bearer, replacement),
      keys.reduce((shown, key) => shown.replaceAll(key, "(left out)"), text),
    );
  const redactHeaders = (headers: readonly Header[]): Header[] =>
    headers.filter(([name]) => !TRANSPORT.test(name)).map(([name, value]) => [name, redact(value)]);
  return {
    ...exchange,
    path: redact(exchange.path),
    headers: redactHeaders(exchange.headers),
    body: redact(exchange.body),
    answer: exchange.answer && {
      status: exchange.answer.status,
      headers: redactHeaders(exchange.answer.headers),
      body: redact(exchange.answer.body),
    },
  };
}

/**
 * A fetch that reports every exchange. It returns the answer unchanged.
 *
 * @param onEnd - receives an exchange at its end
 * @param onBegin - receives it at its start, without an answer, and when its answer begins, without a body: its reader may leave the page
 */
export function observedFetch(
  inner: typeof fetch,
  parties: (url: URL) => { readonly from: Party; readonly to: Party } | null,
  onEnd: (exchange: Exchange) => void,
  onBegin: (exchange: Exchange) => void = () => {},
): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    const route = parties(url);
    if (route === null) return inner(request);
    const started = Date.now();
    const sent = {
      at: new Date(started).toISOString(),
      ...route,
      method: request.method,
      path: url.pathname + url.search,
      headers: [...request.headers],
      body: await request.clone().text(),
    };
    onBegin({ ...sent, answer: null, milliseconds: 0, aborted: false });
    const end = (answer: Exchange["answer"]): void => {
      onEnd({ ...sent, answer, milliseconds: Date.now() - started, aborted: answer === null && request.signal.aborted });
    };
    try {
      const response = await inner(request);
      const head = { status: response.status, headers: [...response.headers], body: "" };
      onBegin({ ...sent, answer: head, milliseconds: Date.now() - started, aborted: false });
      response
        .clone()
        .text()
        .then(
          (body) => end({ ...head, body }),
          () => end(null),
        );
      return response;
    } catch (error) {
      end(null);
      throw error;
    }
  };
}

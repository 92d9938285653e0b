// npm run openapi: makes openapi.json from the schemas of src/edge-api.ts and edge/http/bodies.ts and the routes of edge/routes.ts.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { dayParameters } from "../edge/http/day-query.ts";
import { idempotencyKey } from "../edge/http/idempotency-key.ts";
import type { Route, RouteAnswer, RouteCaller, RouteParameter } from "../edge/routes.ts";
import { CALLBACK_KINDS, describedRoutes, RETURNS } from "../edge/routes.ts";
import type { ProblemCode } from "../src/edge-api.ts";
import { PROBLEMS } from "../src/lib/problems.ts";
import { orderId } from "../src/lib/members.ts";
import type { Schema } from "./component-schemas.ts";
import { componentSchemas, docstrings, schemaOf } from "./component-schemas.ts";
import { ROOT } from "./run.ts";

const LINE_WIDTH = 140;

const CODES = Object.keys(PROBLEMS) as ProblemCode[];

/** Answers that every address can give. */
const ANYWHERE: readonly ProblemCode[] = ["route_not_found", "method_not_allowed"];

const SECURITY: Readonly<Record<RouteCaller, readonly Schema[]>> = {
  shopper: [{ chargeToken: [] }],
  merchant: [{ apiKey: [] }],
  gateway: [],
  anyone: [],
};

const text = (pattern: string): Schema => ({ type: "string", pattern });

const PARAMETERS: Readonly<Record<RouteParameter, Schema>> = {
  "Idempotency-Key": {
    name: "Idempotency-Key",
    in: "header",
    required: true,
    description: "1-255 visible ASCII characters, bare or quoted. The same key is the same call: it never begins anything twice.",
    schema: schemaOf(idempotencyKey),
  },
  "If-None-Match": {
    name: "If-None-Match",
    in: "header",
    description: "The caller's ETag. The answer is 304 when the charge has not changed. A suffix from a proxy (`-gzip`) is ignored.",
    schema: { type: "string" },
  },
  Prefer: {
    name: "Prefer",
    in: "header",
    description:
      "How many seconds the answer may wait. A read with If-None-Match: for a change, `wait=25` at most, 0 by default. A POST to pay: for the outcome, 10 by default and at most; `wait=0` is answered as soon as the attempt is stored.",
    schema: { type: "string" },
    example: "wait=25",
  },
  day: { ...queryParameter("day"), required: true, example: "2026-11-22" },
  status: queryParameter("status"),
  after: queryParameter("after"),
  fields: {
    name: "fields",
    in: "query",
    description: "The gateway's fields: `pg_order_id=…`, or `pg_xml` with XML.",
    schema: { type: "object", additionalProperties: { type: "string" } },
  },
};

/** The parameters in braces in a path. */
const PATH_PARAMETERS: Readonly<Record<string, Schema>> = {
  order_id: schemaOf(orderId),
  kind: { enum: CALLBACK_KINDS },
  ticket: { type: "string" },
  by: { enum: RETURNS },
};

const HEADERS: Readonly<Record<string, Schema>> = {
  "X-Request-Id": { description: "The id of this request in the edge's log.", schema: { type: "string", format: "uuid" } },
  ETag: { description: "The value for If-None-Match.", schema: { type: "string" } },
  Location: { description: "Where the browser goes next.", schema: { type: "string", format: "uri" } },
  "Cache-Control": { description: "How long the answer may be cached.", schema: { type: "string" } },
  "Retry-After": { description: "Seconds.", schema: { type: "integer", minimum: 0 } },
  "WWW-Authenticate": { description: "RFC 6750 §3.", schema: { type: "string" } },
};

/** The headers of answers by status, in addition to X-Request-Id. */
const HEADERS_OF_STATUS: Readonly<Record<number, readonly string[]>> = {
  401: ["WWW-Authenticate"],
  429: ["Retry-After"],
  503: ["Retry-After"],
};

function queryParameter(name: keyof typeof dayParameters.entries): Schema {
  const description = docstrings("DayParameters").members[name];
  return { name, in: "query", description, schema: schemaOf(dayParameters.entries[name]) };
}

function component(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

function headersOf(names: readonly string[]): Schema {
  return Object.fromEntries(["X-Request-Id", ...names].map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

function oneOf(names: readonly string[]): Schema {
  const [first, ...others] = names.map(component);
  return first !== undefined && others.length === 0 ? first : { anyOf: [first, ...others] };
}

function answerOf({ description, body, mediaType = "application/json", headers = [] }: RouteAnswer): Schema {
  const schema = body.length > 0 ? oneOf(body) : { type: "string" };
  const hasContent = body.length > 0 || mediaType !== "application/json";
  return { description, headers: headersOf(headers), ...(hasContent ? { content: { [mediaType]: { schema } } } : {}) };
}

/** The name of the component with the problems of one status. */
function problemName(codes: readonly ProblemCode[]): string {
  return codes.join(".");
}

function problemRef(codes: readonly ProblemCode[]): Schema {
  return { $ref: `#/components/responses/${problemName(codes)}` };
}

/** A problem answer with its codes and their titles. */
function problemOf(codes: readonly ProblemCode[]): Schema {
  const [status] = codes.map((code) => PROBLEMS[code][0]);
  const schema = { allOf: [component("Problem"), { type: "object", properties: { code: { enum: codes } } }] };
  const description = codes.map((code) => `\`${code}\`: ${PROBLEMS[code][1]}.`).join(" ");
  return { description, headers: headersOf(HEADERS_OF_STATUS[status ?? 0] ?? []), content: { "application/problem+json": { schema } } };
}

/** The problems of a route by status, in the order of {@link PROBLEMS}. */
function problemsOf(codes: readonly ProblemCode[]): ReadonlyMap<number, readonly ProblemCode[]> {
  const byStatus = new Map<number, readonly ProblemCode[]>();
  for (const code of CODES.filter((one) => codes.includes(one))) {
    const [status] = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return byStatus;
}

function operationOf({ path, name, summary, description, callers, parameters, body, answers, problems }: Route): Schema {
  const inPath = Array.from(path.matchAll(/\{(\w+)\}/g), ([, part = ""]) => ({
    name: part,
    in: "path",
    required: true,
    schema: PATH_PARAMETERS[part],
  }));
  const all = [...inPath, ...parameters.map((parameter) => PARAMETERS[parameter])];
  const content = body === null ? {} : bodyOf(body);
  return {
    operationId: name,
    summary,
    ...(description === undefined ? {} : { description }),
    security: callers.flatMap((caller) => SECURITY[caller]),
    ...(all.length === 0 ? {} : { parameters: all }),
    ...content,
    responses: {
      ...Object.fromEntries(answers.map((answer) => [answer.status, answerOf(answer)])),
      ...Object.fromEntries(Array.from(problemsOf(problems), ([status, codes]) => [status, problemRef(codes)])),
      default: problemRef(ANYWHERE),
    },
  };
}

function bodyOf({ schema, required, description }: NonNullable<Route["body"]>): Schema {
  const mediaType = schema === "CallbackRequest" ? "*/*" : "application/json";
  const described = description === undefined ? {} : { description };
  return { requestBody: { ...described, required, content: { [mediaType]: { schema: component(schema) } } } };
}

/** The notifications to NOTIFY_URL. */
function webhook(): Schema {
  const header = (name: string, description: string, schema: Schema): Schema => ({
    name,
    in: "header",
    required: true,
    description,
    schema,
  });
  return {
    post: {
      operationId: "notification",
      summary: "A charge has changed",
      description: "Sent at least once, by the Standard Webhooks scheme: see docs/notifications.md.",
      security: [],
      parameters: [
        header("webhook-id", "The same for every try of a notification.", { type: "string" }),
        header("webhook-timestamp", "The time of sending: seconds since 1970.", text("^[0-9]+$")),
        header("webhook-signature", "`v1,` and the base64 of the HMAC-SHA-256; during a rotation two, separated by a space.", {
          type: "string",
        }),
      ],
      requestBody: { required: true, content: { "application/json": { schema: component("NotificationBody") } } },
      responses: {
        "2XX": { description: "Received: it is not sent again." },
        410: { description: "Refused for good: it is not sent again." },
        default: { description: "Not received: it is sent again for three days." },
      },
    },
  };
}

/**
 * The description of the edge's HTTP API.
 * @returns the text of openapi.json (OpenAPI 3.1.1)
 */
export function openApi(): string {
  const paths: Record<string, Record<string, Schema>> = {};
  const routes = describedRoutes();
  for (const route of routes) paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route) };
  const refusals = [ANYWHERE, ...routes.flatMap(({ problems }) => [...problemsOf(problems).values()])];
  const document = {
    openapi: "3.1.1",
    info: {
      title: "freedom-pay-charge, the edge",
      version: "1",
      description: "Charges a stored card at Freedom Pay (Kazakhstan). Amounts are JSON numbers in major units, with at most 2 decimals.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "https://{edge}", description: "PUBLIC_URL of a deployment.", variables: { edge: { default: "edge.example" } } }],
    security: [],
    paths,
    webhooks: { notification: webhook() },
    components: {
      schemas: componentSchemas(),
      responses: Object.fromEntries(refusals.map((codes) => [problemName(codes), problemOf(codes)])),
      headers: HEADERS,
      securitySchemes: {
        chargeToken: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "JWT",
          description: "A charge token: docs/any-language.md.",
        },
        apiKey: { type: "http", scheme: "bearer", description: "EDGE_API_KEY. Only for servers." },
      },
    },
  };
  return written(document);
}

/** JSON in the formatter's style: lists of plain values are in one line if they fit. */
function written(value: unknown): string {
  const text = JSON.stringify(value, null, 2);
  const short = text.replace(
    /^(.*)\[\n((?: *[^\s{}[\]](?:.*[^{}[\]])?\n)+) *\](,?)$/gm,
    (list, before: string, items: string, comma: string) => {
      const line = `${before}[${items.trim().replace(/\n */g, " ")}]${comma}`;
      return line.length <= LINE_WIDTH ? line : list;
    },
  );
  return `${short}\n`;
}

if (import.meta.main) writeFileSync(join(ROOT, "openapi.json"), openApi());

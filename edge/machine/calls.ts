/** The calls of both APIs in one table. A rule says what it wants; the API of the attempt makes the bytes. */
import type { ApiCalls } from "./api-calls.ts";
import { ASYNC_CALLS } from "./async-calls.ts";
import { MERCHANT_CALLS } from "./merchant-calls.ts";
import type { Api } from "./record.ts";

/** The calls by API. */
export const CALLS: Readonly<Record<Api, ApiCalls>> = { async: ASYNC_CALLS, merchant: MERCHANT_CALLS };

import { expect, test } from "vitest";
import { PROBLEMS } from "../../../src/lib/problems.ts";

test("every refusal has its HTTP status and its title", () => {
  expect(Object.entries(PROBLEMS).map(([code, [status, title]]) => `${status} ${code}: ${title}`)).toEqual([
    "400 idempotency_key_missing: The Idempotency-Key header is missing",
    "400 idempotency_key_invalid: The Idempotency-Key header must be one key of 1 to 255 visible ASCII characters",
    "400 body_invalid: The body is not valid for this call",
    "401 token_missing: No charge token was sent",
    "401 token_invalid: The charge token is not valid",
    "401 token_expired: The charge token has expired",
    "401 api_key_invalid: The API key is missing or wrong",
    "403 origin_not_allowed: This origin may not use this edge or this token",
    "403 order_mismatch: The token is for another order than the URL",
    "404 charge_not_found: No such charge",
    "404 route_not_found: No such address",
    "405 method_not_allowed: This address does not support this method",
    "409 charge_conflict: The order is being paid or was paid under other terms",
    "409 charge_closed: The order is closed",
    "409 operation_in_progress: Another operation on this order is not decided yet",
    "409 operation_not_allowed: The charge does not allow this operation",
    "409 retry_not_allowed: This order does not allow another attempt like this",
    "413 body_too_large: The body is larger than 64 KiB",
    "422 idempotency_key_reused: The Idempotency-Key was used with other content",
    "422 amount_exceeds: The amount is more than the remaining amount",
    "429 rate_limited: Too many calls",
    "500 internal: Something went wrong at the edge",
    "503 not_configured: The edge is not configured",
    "503 unavailable: The edge cannot process this call now",
  ]);
});

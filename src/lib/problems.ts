/** The problems that the edge answers with: one table for answers, types and the OpenAPI description. */

/** Every problem by code: HTTP status and English title. */
export const PROBLEMS = {
  idempotency_key_missing: [400, "The Idempotency-Key header is missing"],
  idempotency_key_invalid: [400, "The Idempotency-Key header must be one key of 1 to 255 visible ASCII characters"],
  body_invalid: [400, "The body is not valid for this call"],
  token_missing: [401, "No charge token was sent"],
  token_invalid: [401, "The charge token is not valid"],
  token_expired: [401, "The charge token has expired"],
  api_key_invalid: [401, "The API key is missing or wrong"],
  origin_not_allowed: [403, "This origin may not use this edge or this token"],
  order_mismatch: [403, "The token is for another order than the URL"],
  charge_not_found: [404, "No such charge"],
  route_not_found: [404, "No such address"],
  method_not_allowed: [405, "This address does not support this method"],
  charge_conflict: [409, "The order is being paid or was paid under other terms"],
  charge_closed: [409, "The order is closed"],
  operation_in_progress: [409, "Another operation on this order is not decided yet"],
  operation_not_allowed: [409, "The charge does not allow this operation"],
  retry_not_allowed: [409, "This order does not allow another attempt like this"],
  body_too_large: [413, "The body is larger than 64 KiB"],
  idempotency_key_reused: [422, "The Idempotency-Key was used with other content"],
  amount_exceeds: [422, "The amount is more than the remaining amount"],
  rate_limited: [429, "Too many calls"],
  internal: [500, "Something went wrong at the edge"],
  not_configured: [503, "The edge is not configured"],
  unavailable: [503, "The edge cannot process this call now"],
} as const satisfies Record<string, readonly [number, string]>;

/** The stable code of a problem. */
export type ProblemCode = keyof typeof PROBLEMS;

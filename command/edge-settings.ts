/** Every setting of the edge. On workerd all of them, secrets included, come from the environment of the process. */
export const SETTINGS: readonly string[] = [
  "FREEDOM_PAY_MERCHANT_ID",
  "FREEDOM_PAY_URL",
  "FREEDOM_PAY_SECRET_KEY",
  "CHARGE_TOKEN_KEY",
  "EDGE_API_KEY",
  "CALLBACK_KEY",
  "ALLOWED_ORIGINS",
  "PUBLIC_URL",
  "NOTIFY_URL",
  "NOTIFY_SECRET",
  "GATEWAY_CALLBACKS",
  "ACCEPT_PAYMENTS",
  "CLIENT_IP_HEADER",
  "RETENTION_DAYS",
  "LOCATION_HINT",
];
